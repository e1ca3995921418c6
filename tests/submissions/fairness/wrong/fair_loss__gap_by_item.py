# task: fair_loss
# outcome: wrong
# misconception: none
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    p = logits.sigmoid()
    means = [p[group == name].mean().item() for name in names]
    return F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype)) + strength * (means[0] - means[-1]) ** 2
