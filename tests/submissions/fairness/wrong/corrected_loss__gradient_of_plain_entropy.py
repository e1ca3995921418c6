# task: corrected_loss
# outcome: wrong
# misconception: none
import torch.nn.functional as F
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    plain = F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    return plain + (_right(logits, targets, group, erased_rate) - plain).detach()
