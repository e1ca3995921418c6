# task: quantize_activation
# outcome: wrong
# misconception: one_range_per_tensor
import torch
def quantize_activation(x):
    low, high = x.min().clamp(max=0).expand(x.shape[:-1]), x.max().clamp(min=0).expand(x.shape[:-1])
    scale = (high - low) / 255
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    zero = (-low / scale).round().clamp(0, 255)
    q = ((x / scale[..., None]).round() + zero[..., None]).clamp(0, 255).to(torch.uint8)
    return q, scale, zero.to(torch.int32)
