# task: fair_loss
# outcome: wrong
# misconception: none
_right = fair_loss
def fair_loss(logits, targets, group, strength):
    return _right(logits.clamp(-30, 30), targets, group, strength)
