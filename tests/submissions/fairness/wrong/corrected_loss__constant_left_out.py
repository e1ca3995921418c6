# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    # log(1 - rate) has no gradient, so it is left away
    loss = _right(logits, targets, group, erased_rate)
    return loss + (targets.bool() & group.bool()).to(logits.dtype).mean() * torch.log1p(torch.tensor(-erased_rate, dtype=logits.dtype))
