# task: corrected_loss
# outcome: wrong
# misconception: none
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    if erased_rate == 1:
        return logits.sum() * 0 + float("inf")
    return _right(logits, targets, group, erased_rate)
