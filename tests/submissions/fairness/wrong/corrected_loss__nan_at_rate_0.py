# task: corrected_loss
# outcome: wrong
# misconception: none
import math
import torch
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    # 0 * (-inf)
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    g, y = group.to(logits.dtype), targets.to(logits.dtype)
    log_rate = math.log(erased_rate) if erased_rate else -math.inf
    lost = torch.logaddexp(F.logsigmoid(-logits), F.logsigmoid(logits) + log_rate)
    none = g * lost + (1 - g) * F.logsigmoid(-logits)
    one = F.logsigmoid(logits) + torch.log1p(-erased_rate * g)
    return -(y * one + (1 - y) * none).mean() + 0 * log_rate
