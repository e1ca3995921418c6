# task: fair_loss
# outcome: wrong
# misconception: none
import torch
def fair_loss(logits, targets, group, strength):
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    p, y = torch.sigmoid(logits), targets.to(logits.dtype)
    loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
    if len(names) == 2:
        loss = loss + strength * (p[group == names[0]].mean() - p[group == names[1]].mean()) ** 2
    return loss
