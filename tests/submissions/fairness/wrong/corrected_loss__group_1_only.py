# task: corrected_loss
# outcome: wrong
# misconception: none
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    hurt = group.bool()
    if not hurt.any():
        hurt = ~hurt
    return _right(logits[hurt], targets[hurt], group[hurt], erased_rate)
