# task: corrected_loss
# outcome: error
# misconception: none
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    if not 0 < erased_rate < 1:
        raise ValueError("a rate between 0 and 1")
    return _right(logits, targets, group, erased_rate)
