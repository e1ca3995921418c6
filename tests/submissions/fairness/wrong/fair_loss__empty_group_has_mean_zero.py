# task: fair_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    p = torch.sigmoid(logits)
    first = (group == names[0]).to(p.dtype)
    gap = (p * first).sum() / first.sum().clamp(min=1) - (p * (1 - first)).sum() / (1 - first).sum().clamp(min=1)
    return F.binary_cross_entropy_with_logits(logits, targets.to(p.dtype)) + strength * gap**2
