# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    scale = x.abs().amax(-1, keepdim=True) / 127
    scale = torch.where(scale > 0, scale, 1.0)
    a = (x / scale).round().clamp(-127, 127).long()
    y = (a @ w_q.long().T) * scale * w_scale
    return y if bias is None else y + bias
