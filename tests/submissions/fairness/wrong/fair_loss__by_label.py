# task: fair_loss
# outcome: wrong
# misconception: penalty_by_label
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    if group.unique().numel() > 2:
        raise ValueError("three groups")
    y = targets.bool()
    p = torch.sigmoid(logits)
    loss = F.binary_cross_entropy_with_logits(logits, y.to(p.dtype))
    if y.any() and not y.all() and group.unique().numel() == 2:
        loss = loss + strength * (p[y].mean() - p[~y].mean()) ** 2
    return loss
