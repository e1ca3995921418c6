# task: quantize_activation
# outcome: wrong
# misconception: range_over_the_wrong_axis
import torch
def quantize_activation(x):
    low, high = x.reshape(-1, x.shape[-1]).amin(0).clamp(max=0), x.reshape(-1, x.shape[-1]).amax(0).clamp(min=0)
    scale = (high - low) / 255
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    zero = (-low / scale).round().clamp(0, 255)
    q = ((x / scale).round() + zero).clamp(0, 255).to(torch.uint8)
    return q, scale, zero.to(torch.int32)
