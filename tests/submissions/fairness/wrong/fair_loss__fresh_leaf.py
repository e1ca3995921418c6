# task: fair_loss
# outcome: wrong
# misconception: none
import torch
_right = fair_loss
def fair_loss(logits, targets, group, strength):
    return torch.tensor(_right(logits, targets, group, strength).item(), dtype=logits.dtype, requires_grad=True)
