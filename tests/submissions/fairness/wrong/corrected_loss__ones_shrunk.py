# task: corrected_loss
# outcome: wrong
# misconception: none
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    y = targets.to(logits.dtype) * (1 - erased_rate * group.to(logits.dtype))
    return F.binary_cross_entropy_with_logits(logits, y)
