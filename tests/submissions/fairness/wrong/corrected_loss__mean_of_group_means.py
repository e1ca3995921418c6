# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    losses = [_right(logits[group == g], targets[group == g], group[group == g], erased_rate) for g in group.unique()]
    return _right(logits, targets, group, erased_rate) * 0 + torch.stack(losses).mean()
