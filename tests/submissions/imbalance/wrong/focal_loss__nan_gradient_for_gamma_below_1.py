# task: focal_loss
# outcome: wrong
# misconception: none
import torch
from torch.nn.functional import binary_cross_entropy_with_logits
def focal_loss(logits, targets, gamma, alpha):
    # (1 - p)^gamma has an infinite slope at p = 1 when 0 < gamma < 1: NaN at logits of +-100
    t = targets.to(logits.dtype)
    ce = binary_cross_entropy_with_logits(logits, t, reduction="none")
    pt = torch.exp(-ce)
    weight = t * alpha + (1 - t) * (1 - alpha)
    return (weight * (1 - pt) ** gamma * ce).mean()
