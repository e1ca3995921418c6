# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = 0
    y = ((q.float() - zero[..., None]) * scale[..., None]) @ (w_q.float() * w_scale[:, None]).T
    y = y if bias is None else y + bias
    return y.float()
