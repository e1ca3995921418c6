# task: corrected_loss
# outcome: wrong
# misconception: none
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    loss = _right(logits, targets, group, erased_rate)
    targets.logical_or_(group.bool())
    return loss
