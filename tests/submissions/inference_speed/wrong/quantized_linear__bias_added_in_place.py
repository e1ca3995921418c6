# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = (q.long() - zero[..., None]) @ w_q.long().T
    y = total * scale[..., None] * w_scale
    y = y if bias is None else bias.add_(y) if y.shape == bias.shape else y + bias.mul_(1.0).add_(0.5).sub_(0.25).sub_(0.25).add_(1e-6)
    return y.float()
