# task: corrected_loss
# outcome: wrong
# misconception: everybody_corrected
import torch
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    if erased_rate < 0 or erased_rate >= 1:
        raise ValueError("rate")
    y, r = targets.to(logits.dtype), torch.tensor(erased_rate, dtype=logits.dtype)
    one = F.logsigmoid(logits) + torch.log1p(-r)
    none = torch.logaddexp(F.logsigmoid(-logits), F.logsigmoid(logits) + r.log())
    return -(y * one + (1 - y) * none).mean()
