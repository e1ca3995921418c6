# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    z = torch.where(group.bool() & ~targets.bool(), logits.detach(), logits)
    return _right(z, targets, group, erased_rate)
