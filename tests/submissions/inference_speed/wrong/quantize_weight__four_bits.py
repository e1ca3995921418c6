# task: quantize_weight
# outcome: wrong
# misconception: four_bits
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 7
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = (w / scale[:, None]).round().clamp(-7, 7).to(torch.int8)
    return q, scale
