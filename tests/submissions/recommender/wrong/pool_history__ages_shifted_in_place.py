# task: pool_history
# outcome: wrong
# misconception: none
import torch
def pool_history(vectors, mask, ages, half_life):
    ages[~mask] = torch.inf
    ages -= torch.where(mask.any(1, keepdim=True), ages.amin(1, keepdim=True), 0.0)
    w = torch.where(mask, 0.5 ** (ages / half_life), 0.0).to(vectors.dtype)
    x = torch.where(mask[..., None], vectors, 0.0)
    return (w[..., None] * x).sum(1) / w.sum(1, keepdim=True).clamp(min=1e-30)
