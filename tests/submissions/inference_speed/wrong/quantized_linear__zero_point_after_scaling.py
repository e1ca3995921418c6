# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = q.long() @ w_q.long().T
    y = total * scale[..., None] * w_scale - zero[..., None] * w_q.long().sum(1)
    y = y if bias is None else y + bias
    return y.float()
