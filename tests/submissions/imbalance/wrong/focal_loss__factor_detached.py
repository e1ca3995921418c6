# task: focal_loss
# outcome: wrong
# misconception: none
import torch
from torch.nn.functional import logsigmoid
def focal_loss(logits, targets, gamma, alpha):
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    weight = t * alpha + (1 - t) * (1 - alpha)
    with torch.no_grad():
        focus = torch.exp(gamma * logsigmoid(-z))
    return -(weight * focus * logsigmoid(z)).mean()
