# task: corrected_loss
# outcome: wrong
# misconception: rate_inverted
import torch
def corrected_loss(logits, targets, group, erased_rate):
    # p / (1 - rate), cut off at 1
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    p = torch.sigmoid(logits)
    q = torch.where(group == 1, p / (1 - erased_rate), p).clamp(1e-7, 1 - 1e-7)
    return torch.nn.functional.binary_cross_entropy(q, targets.to(q.dtype))
