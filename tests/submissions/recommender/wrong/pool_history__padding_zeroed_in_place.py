# task: pool_history
# outcome: wrong
# misconception: none
import torch
def pool_history(vectors, mask, ages, half_life):
    with torch.no_grad():
        vectors[~mask] = 0.0
    age = torch.where(mask, ages - ages.masked_fill(~mask, torch.inf).amin(1, keepdim=True), 0.0)
    w = torch.where(mask, 0.5 ** (age / half_life), 0.0).to(vectors.dtype)
    return (w[..., None] * vectors).sum(1) / w.sum(1, keepdim=True).clamp(min=1e-30)
