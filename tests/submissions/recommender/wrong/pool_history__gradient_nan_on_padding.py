# task: pool_history
# outcome: wrong
# misconception: none
import torch
def pool_history(vectors, mask, ages, half_life):
    # right values; the gradient of 0.5 ** (NaN) and of NaN * 0 comes back through the mask
    age = ages - ages.masked_fill(~mask, torch.inf).amin(1, keepdim=True)
    w = (0.5 ** (age / half_life)).to(vectors.dtype)
    parts = torch.where(mask[..., None], w[..., None] * vectors, 0.0)
    return parts.sum(1) / torch.where(mask, w, 0.0).sum(1, keepdim=True).clamp(min=1e-30)
