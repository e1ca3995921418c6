# task: focal_loss
# outcome: error
# misconception: none
import torch
from torch.nn.functional import binary_cross_entropy_with_logits
def focal_loss(logits, targets, gamma, alpha):
    ce = binary_cross_entropy_with_logits(logits, targets, reduction="none")
    weight = targets * alpha + (1 - targets) * (1 - alpha)
    rest = binary_cross_entropy_with_logits(logits, 1 - targets, reduction="none")
    return (weight * torch.exp(-gamma * rest) * ce).mean()
