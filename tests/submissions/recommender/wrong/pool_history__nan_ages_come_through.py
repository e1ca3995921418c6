# task: pool_history
# outcome: wrong
# misconception: nan_from_padding
import torch
def pool_history(vectors, mask, ages, half_life):
    x = torch.where(mask[..., None], vectors, 0.0)
    w = mask * 0.5 ** (ages / half_life)
    return ((w[..., None] * x).sum(1) / w.sum(1, keepdim=True).clamp(min=1e-30)).to(vectors.dtype)
