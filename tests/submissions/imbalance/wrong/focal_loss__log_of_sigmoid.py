# task: focal_loss
# outcome: wrong
# misconception: none
import torch
def focal_loss(logits, targets, gamma, alpha):
    t = targets.to(logits.dtype)
    p = torch.sigmoid(logits)
    hit = alpha * t * (1 - p) ** gamma * torch.log(p)
    miss = (1 - alpha) * (1 - t) * p**gamma * torch.log(1 - p)
    return -(hit + miss).mean()
