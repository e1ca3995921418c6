# task: quantize_activation
# outcome: wrong
# misconception: symmetric_activations
import torch
def quantize_activation(x):
    low, high = x.amin(-1).clamp(max=0), x.amax(-1).clamp(min=0)
    scale = x.abs().amax(-1) / 127
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    zero = torch.full_like(low, 128.0)
    q = ((x / scale[..., None]).round() + zero[..., None]).clamp(0, 255).to(torch.uint8)
    return q, scale, zero.to(torch.int32)
