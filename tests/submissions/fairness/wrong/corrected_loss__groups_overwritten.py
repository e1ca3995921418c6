# task: corrected_loss
# outcome: wrong
# misconception: none
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    loss = _right(logits, targets, group, erased_rate)
    group.fill_(0)
    return loss
