# task: quantize_activation
# outcome: wrong
# misconception: none
import torch
def quantize_activation(x):
    low, high = x.amin(-1).clamp(max=0), x.amax(-1).clamp(min=0)
    scale = x.abs().amax(-1) / 127
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    zero = torch.zeros_like(low)
    q = (x / scale[..., None]).round().clamp(-127, 127).to(torch.int8)
    return q, scale, zero.to(torch.int32)
