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
    a, b = p[group == 0], p[group == 1]
    if len(a) and len(b):
        loss = loss + strength * (a.mean() - b.mean()) ** 2
    return loss
