# task: fair_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    if group.unique().numel() > 2:
        raise ValueError("three groups")
    p = torch.sigmoid(logits)
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(p.dtype))
    g = group.to(p.dtype)
    if group.unique().numel() == 2:
        loss = loss + strength * ((p * g).sum() / g.sum() - (p * (1 - g)).sum() / (1 - g).sum()) ** 2
    return loss
