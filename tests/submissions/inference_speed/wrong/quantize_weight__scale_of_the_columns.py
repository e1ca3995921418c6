# task: quantize_weight
# outcome: wrong
# misconception: scale_over_the_wrong_axis
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(0) / 127
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = (w / scale).round().clamp(-127, 127).to(torch.int8)
    return q, scale
