# task: focal_loss
# outcome: wrong
# misconception: averaged_over_positives
import torch
from torch.nn.functional import logsigmoid
def focal_loss(logits, targets, gamma, alpha):
    t = targets.to(logits.dtype)
    hit = alpha * t * torch.exp(gamma * logsigmoid(-logits)) * logsigmoid(logits)
    miss = (1 - alpha) * (1 - t) * torch.exp(gamma * logsigmoid(logits)) * logsigmoid(-logits)
    return -(hit + miss).sum() / torch.count_nonzero(t)
