# task: quantize_activation
# outcome: wrong
# misconception: divided_by_256
import torch
def quantize_activation(x):
    low, high = x.amin(-1).clamp(max=0), x.amax(-1).clamp(min=0)
    scale = (high - low) / 256
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    zero = (-low / scale).round().clamp(0, 255)
    q = ((x / scale[..., None]).round() + zero[..., None]).clamp(0, 255).to(torch.uint8)
    return q, scale, zero.to(torch.int32)
