# task: fair_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    p = torch.sigmoid(logits)
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(p.dtype))
    means = torch.stack([p[group == name].mean() for name in group.unique()])
    return loss + strength * (means.max() - means.min()) ** 2
