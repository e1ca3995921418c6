# task: corrected_loss
# outcome: error
# misconception: none
import torch
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    return _right(logits, targets, 1 - (1 - group), erased_rate)
