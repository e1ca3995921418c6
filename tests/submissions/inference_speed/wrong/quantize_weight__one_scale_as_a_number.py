# task: quantize_weight
# outcome: wrong
# misconception: one_scale_per_tensor
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().max() / 127
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = (w / scale).round().clamp(-127, 127).to(torch.int8)
    return q, scale
