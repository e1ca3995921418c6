# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    # a zero of group 1 counts as a one with the rate
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    y = targets.to(logits.dtype)
    y = torch.where(group.bool() & (y == 0), torch.full_like(y, erased_rate), y)
    return F.binary_cross_entropy_with_logits(logits, y)
