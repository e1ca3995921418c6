# task: focal_loss
# outcome: wrong
# misconception: none
import torch
from torch.nn.functional import logsigmoid
def focal_loss(logits, targets, gamma, alpha):
    # the rows of class 0 were forgotten
    z = logits[targets.bool()]
    return -(alpha * torch.exp(gamma * logsigmoid(-z)) * logsigmoid(z)).mean()
