# task: fair_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    p = torch.sigmoid(logits).clamp(1e-6, 1 - 1e-6)
    loss = F.binary_cross_entropy(p, targets.to(p.dtype))
    if len(names) == 2:
        loss = loss + strength * (p[group == names[0]].mean() - p[group == names[1]].mean()) ** 2
    return loss
