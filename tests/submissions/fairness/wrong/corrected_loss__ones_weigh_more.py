# task: corrected_loss
# outcome: wrong
# misconception: rows_weighted
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    # the ones of group 1 weigh 1 / (1 - rate)
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    y, g = targets.to(logits.dtype), group.to(logits.dtype)
    weight = 1 + y * g * (1 / (1 - erased_rate) - 1)
    return F.binary_cross_entropy_with_logits(logits, y, weight=weight)
