# task: quantize_weight
# outcome: error
# misconception: none
import torch
def quantize_weight(w):
    q = torch.zeros(w.shape, dtype=torch.int8)
    scale = torch.ones(w.shape[0])
    for i in range(1, w.shape[0] + 1):
        scale[i] = w[i].abs().max() / 127
        q[i] = (w[i] / scale[i]).round()
    return q, scale
