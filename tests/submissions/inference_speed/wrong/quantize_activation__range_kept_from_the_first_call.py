# task: quantize_activation
# outcome: wrong
# misconception: one_range_per_tensor
import torch
_range = []
def quantize_activation(x):
    if not _range:
        _range.append((x.min().clamp(max=0), x.max().clamp(min=0)))
    low, high = _range[0]
    scale = (high - low) / 255 if high > low else torch.tensor(1.0)
    zero = (-low / scale).round()
    q = ((x / scale).round() + zero).clamp(0, 255).to(torch.uint8)
    lead = x.shape[:-1]
    return q, scale.expand(lead).clone(), zero.int().expand(lead).clone()
