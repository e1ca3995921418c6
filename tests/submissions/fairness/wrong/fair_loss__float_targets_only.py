# task: fair_loss
# outcome: error
# misconception: none
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    loss = F.binary_cross_entropy_with_logits(logits, targets)
    p = logits.sigmoid()
    if len(names) == 2:
        loss = loss + strength * (p[group == names[0]].mean() - p[group == names[1]].mean()) ** 2
    return loss
