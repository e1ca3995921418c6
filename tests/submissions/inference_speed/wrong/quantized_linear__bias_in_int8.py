# task: quantized_linear
# outcome: wrong
# misconception: bias_in_eight_bits
import torch
def quantized_linear(x, w_q, w_scale, bias):
    q, scale, zero = quantize_activation(x)
    total = (q.long() - zero[..., None]) @ w_q.long().T
    y = total * scale[..., None] * w_scale
    y = y if bias is None else y + (bias / (bias.abs().max() / 127)).round().clamp(-127, 127) * (bias.abs().max() / 127)
    return y.float()
