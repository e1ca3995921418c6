# task: quantize_activation
# outcome: wrong
# misconception: none
import torch
def quantize_activation(x):
    low, high = x.amin(-1).clamp(max=0), x.amax(-1).clamp(min=0)
    scale = (high - low) / 255
    scale = scale / (scale > 0)
    zero = (-low / scale).nan_to_num().round().clamp(0, 255)
    q = ((x / scale[..., None]).nan_to_num().round() + zero[..., None]).clamp(0, 255).to(torch.uint8)
    return q, scale, zero.to(torch.int32)
