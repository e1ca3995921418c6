# task: quantize_weight
# outcome: wrong
# misconception: cut_off_instead_of_rounded
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 127
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    q = (w / scale[:, None]).to(torch.int8)
    return q, scale
