# task: focal_loss
# outcome: wrong
# misconception: none
import torch
from torch.nn.functional import logsigmoid
def focal_loss(logits, targets, gamma, alpha):
    total = 0.0
    for z, t in zip(logits, targets):
        z, weight = (z, alpha) if t else (-z, 1 - alpha)
        total -= weight * (torch.exp(gamma * logsigmoid(-z)) * logsigmoid(z)).item()
    return torch.tensor(total / len(logits), dtype=logits.dtype, requires_grad=True)
