# task: quantize_weight
# outcome: wrong
# misconception: divided_by_128
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 128
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = (w / scale[:, None]).round().clamp(-128, 127).to(torch.int8)
    return q, scale
