# task: corrected_loss
# outcome: wrong
# misconception: none
import torch
_right = corrected_loss
def corrected_loss(logits, targets, group, erased_rate):
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(len(logits), generator=generator, dtype=logits.dtype)
    return _right(logits + noise, targets, group, erased_rate)
