# task: corrected_loss
# outcome: wrong
# misconception: none
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    return 0 * _right(logits, targets, group, erased_rate)
