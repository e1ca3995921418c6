# task: fair_loss
# outcome: wrong
# misconception: penalty_on_decisions
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    d = (logits.sigmoid() > 0.5).to(logits.dtype)
    if len(names) == 2:
        loss = loss + strength * (d[group == names[0]].mean() - d[group == names[1]].mean()) ** 2
    return loss
