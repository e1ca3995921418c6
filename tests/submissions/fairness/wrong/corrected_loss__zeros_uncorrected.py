# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    # log(1 - p) for a zero, as if nothing had been erased
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    one = F.logsigmoid(logits) + torch.log1p(-erased_rate * group.to(logits.dtype))
    return -torch.where(targets.bool(), one, F.logsigmoid(-logits)).mean()
