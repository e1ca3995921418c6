# task: quantize_weight
# outcome: wrong
# misconception: none
import torch
def quantize_weight(w):
    w = w.detach()
    scale = (w.amax(1) - w.amin(1)) / 255
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = ((w - w.amin(1, keepdim=True)) / scale[:, None] - 128).round().clamp(-128, 127).to(torch.int8)
    return q, scale
