# task: fair_loss
# outcome: wrong
# misconception: none
import torch.nn.functional as F
_right = fair_loss
def fair_loss(logits, targets, group, strength):
    each = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype), reduction="none")
    return each + _right(logits, targets, group, strength) - each.mean()
