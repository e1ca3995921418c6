# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
def corrected_loss(logits, targets, group, erased_rate):
    # symmetric noise: zeros become ones as well
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    p = torch.sigmoid(logits)
    r = erased_rate * group.to(p.dtype)
    q = ((1 - r) * p + r * (1 - p)).clamp(1e-30, 1)
    n = ((1 - r) * (1 - p) + r * p).clamp(1e-30, 1)
    return -torch.where(targets.bool(), q, n).log().mean()
