# task: pool_history
# outcome: wrong
# misconception: weights_vanish
import torch
def pool_history(vectors, mask, ages, half_life):
    x = torch.where(mask[..., None], vectors, 0.0)
    age = torch.where(mask, ages, 0.0)
    w = torch.where(mask, 0.5 ** (age / half_life), 0.0).to(vectors.dtype)
    total = w.sum(1, keepdim=True)
    return torch.where(mask.any(1, keepdim=True), (w[..., None] * x).sum(1) / total, 0.0)
