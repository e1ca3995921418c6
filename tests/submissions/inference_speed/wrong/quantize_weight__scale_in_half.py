# task: quantize_weight
# outcome: wrong
# misconception: none
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 127
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = (w / scale[:, None]).round().clamp(-127, 127).to(torch.int8)
    return q, scale.half()
