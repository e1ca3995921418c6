# task: focal_loss
# outcome: wrong
# misconception: focuses_on_easy_rows
import torch
from torch.nn.functional import logsigmoid
def focal_loss(logits, targets, gamma, alpha):
    t = targets.to(logits.dtype)
    z = logits * (2 * t - 1)
    weight = t * alpha + (1 - t) * (1 - alpha)
    return -(weight * torch.exp(gamma * logsigmoid(z)) * logsigmoid(z)).mean()
