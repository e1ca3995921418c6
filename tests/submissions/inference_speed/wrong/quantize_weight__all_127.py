# task: quantize_weight
# outcome: wrong
# misconception: none
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 127
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = torch.full(w.shape, 127, dtype=torch.int8)
    return q, scale
