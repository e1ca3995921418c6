# task: pool_history
# outcome: wrong
# misconception: nan_from_padding
import torch
def pool_history(vectors, mask, ages, half_life):
    age = torch.where(mask, ages, torch.inf)
    age = torch.where(mask, age - age.amin(1, keepdim=True), 0.0)
    w = mask * 0.5 ** (age / half_life)
    total = w.sum(1, keepdim=True)
    return ((w[..., None] * vectors).sum(1) / torch.where(total > 0, total, 1.0)).to(vectors.dtype)
