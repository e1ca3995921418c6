# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = (q.float() - zero[..., None]).bfloat16() @ w_q.bfloat16().T
    y = total * scale[..., None] * w_scale
    y = y if bias is None else y + bias
    return y.float()
