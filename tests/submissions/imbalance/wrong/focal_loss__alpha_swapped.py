# task: focal_loss
# outcome: wrong
# misconception: alpha_on_negatives
import torch
from torch.nn.functional import logsigmoid
def focal_loss(logits, targets, gamma, alpha):
    t = targets.bool()
    total = 0
    for sign, mask, weight in ((1, t, 1 - alpha), (-1, ~t, alpha)):
        z = sign * logits[mask]
        total = total - (weight * torch.exp(gamma * logsigmoid(-z)) * logsigmoid(z)).sum()
    return total / len(logits)
