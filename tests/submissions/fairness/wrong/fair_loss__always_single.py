# task: fair_loss
# outcome: wrong
# misconception: none
_right = fair_loss
def fair_loss(logits, targets, group, strength):
    return _right(logits, targets, group, strength).float()
