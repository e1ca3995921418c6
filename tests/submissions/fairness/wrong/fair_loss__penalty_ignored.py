# task: fair_loss
# outcome: wrong
# misconception: none
import torch.nn.functional as F
def fair_loss(logits, targets, group, strength):
    if group.unique().numel() > 2:
        raise ValueError("three groups")
    return F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
