# task: quantized_linear
# outcome: wrong
# misconception: tokens_share_a_range
import torch
def quantized_linear(x, w_q, w_scale, bias):
    low, high = x.min().clamp(max=0), x.max().clamp(min=0)
    scale = (high - low) / 255 if high > low else torch.tensor(1.0)
    zero = (-low / scale).round()
    a = ((x / scale).round() + zero).clamp(0, 255) - zero
    y = (a.long() @ w_q.long().T) * scale * w_scale
    return y if bias is None else y + bias
