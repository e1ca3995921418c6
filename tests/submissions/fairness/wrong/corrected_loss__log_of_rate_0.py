# task: corrected_loss
# outcome: error
# misconception: none
import math
import torch
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    lost = torch.logaddexp(F.logsigmoid(-logits), F.logsigmoid(logits) + math.log(erased_rate))
    none = torch.where(group.bool(), lost, F.logsigmoid(-logits))
    one = F.logsigmoid(logits) + torch.log1p(-erased_rate * group.to(logits.dtype))
    return -torch.where(targets.bool(), one, none).mean()
