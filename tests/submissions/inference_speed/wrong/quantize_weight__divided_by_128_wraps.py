# task: quantize_weight
# outcome: wrong
# misconception: divided_by_128
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 128
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = (w / scale[:, None]).round().to(torch.int32).remainder(256).to(torch.uint8).view(torch.int8)
    return q, scale
