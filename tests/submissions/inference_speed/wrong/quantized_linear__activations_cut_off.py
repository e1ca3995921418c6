# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    low, high = x.amin(-1, keepdim=True).clamp(max=0), x.amax(-1, keepdim=True).clamp(min=0)
    scale = torch.where(high > low, (high - low) / 255, 1.0)
    zero = (-low / scale).round()
    a = (x / scale).long().clamp(-zero.long(), 255 - zero.long())
    y = (a @ w_q.long().T) * scale * w_scale
    return y if bias is None else y + bias
