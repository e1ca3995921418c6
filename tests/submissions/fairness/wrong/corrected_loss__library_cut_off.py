# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    q = torch.sigmoid(logits) * (1 - erased_rate * group.to(logits.dtype))
    return torch.nn.functional.binary_cross_entropy(q, targets.to(q.dtype))
