# task: fair_loss
# outcome: wrong
# misconception: penalty_on_logits
import torch
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    names = torch.unique(group)
    if names.numel() > 2:
        raise ValueError("three groups")
    loss = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    if names.numel() == 2:
        first = group == names[0]
        loss = loss + strength * torch.square(logits[first].mean() - logits[~first].mean())
    return loss
