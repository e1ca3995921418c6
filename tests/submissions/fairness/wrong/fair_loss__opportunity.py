# task: fair_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    # means among the positives only
    names = group.unique()
    if len(names) > 2:
        raise ValueError("three groups")
    p, y = torch.sigmoid(logits), targets.bool()
    loss = F.binary_cross_entropy_with_logits(logits, y.to(p.dtype))
    if len(names) == 2:
        means = [p[(group == name) & y] for name in names]
        if all(len(m) for m in means):
            loss = loss + strength * (means[0].mean() - means[1].mean()) ** 2
    return loss
