# task: corrected_loss
# outcome: wrong
# misconception: none
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    y, g = targets.to(logits.dtype), group.to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, y, weight=1 - (1 - y) * g * erased_rate)
