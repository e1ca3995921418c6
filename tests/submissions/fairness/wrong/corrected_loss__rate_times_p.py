# task: corrected_loss
# outcome: wrong
# misconception: rate_for_what_is_left
import torch
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    # rate * p in group 1
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    if erased_rate == 0:
        return F.binary_cross_entropy_with_logits(logits, targets.to(logits.dtype))
    kept = torch.where(group.bool(), erased_rate, 1.0).to(logits.dtype)
    one = F.logsigmoid(logits) + kept.log()
    none = torch.logaddexp(F.logsigmoid(-logits), F.logsigmoid(logits) + torch.log1p(-kept))
    return -torch.where(targets.bool(), one, none).mean()
