# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = (q.long() - zero[..., None]) @ w_q.long().T + (0 if bias is None else (bias / w_scale).round().long())
    y = total * scale[..., None] * w_scale
    y = y
    return y.float()
