# task: fair_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    p = logits.sigmoid()
    if len(names) == 2:
        gap = (p[group == names[0]].sum() - p[group == names[1]].sum()) / len(p)
        loss = loss + strength * gap**2
    return loss
