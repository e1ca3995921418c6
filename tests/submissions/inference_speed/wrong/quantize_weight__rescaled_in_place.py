# task: quantize_weight
# outcome: wrong
# misconception: none
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 127
    scale[scale == 0] = 1.0
    w /= scale[:, None]
    return w.round().clamp(-127, 127).to(torch.int8), scale
