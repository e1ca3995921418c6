# task: fair_loss
# outcome: wrong
# misconception: none
_right = fair_loss
def fair_loss(logits, targets, group, strength):
    loss = _right(logits, targets, group, strength)
    group.copy_(group == group[0])
    return loss
