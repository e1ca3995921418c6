# task: quantized_linear
# outcome: wrong
# misconception: correction_added
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = (q.long() + zero[..., None]) @ w_q.long().T
    y = total * scale[..., None] * w_scale
    y = y if bias is None else y + bias
    return y.float()
