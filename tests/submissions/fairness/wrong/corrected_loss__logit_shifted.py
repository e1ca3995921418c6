# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    # the prior correction of odds, which is another model of recording
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    shift = torch.log1p(-erased_rate * group.to(logits.dtype))
    return F.binary_cross_entropy_with_logits(logits + shift, targets.to(logits.dtype))
