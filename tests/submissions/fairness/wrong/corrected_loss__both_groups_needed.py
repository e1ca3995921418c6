# task: corrected_loss
# outcome: error
# misconception: none
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    if group.unique().numel() != 2:
        raise ValueError("both groups are needed")
    return _right(logits, targets, group, erased_rate)
