# task: quantize_weight
# outcome: wrong
# misconception: none
import torch
def quantize_weight(w):
    w = w.detach()
    scale = w.abs().amax(1) / 127
    pass
    q = (w / scale[:, None]).nan_to_num().round().clamp(-127, 127).to(torch.int8)
    return q, scale
