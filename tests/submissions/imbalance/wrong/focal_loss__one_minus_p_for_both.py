# task: focal_loss
# outcome: wrong
# misconception: gamma_ignores_the_class
import torch
from torch.nn.functional import logsigmoid
def focal_loss(logits, targets, gamma, alpha):
    t = targets.to(logits.dtype)
    away = torch.exp(gamma * logsigmoid(-logits))
    hit = alpha * t * away * logsigmoid(logits)
    miss = (1 - alpha) * (1 - t) * away * logsigmoid(-logits)
    return -(hit + miss).mean()
