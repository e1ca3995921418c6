# task: pool_history
# outcome: wrong
# misconception: none
import torch
def pool_history(vectors, mask, ages, half_life):
    x = torch.where(mask[..., None], vectors, 0.0)
    age = torch.where(mask, ages - ages.masked_fill(~mask, torch.inf).amin(1, keepdim=True), 0.0)
    w = torch.where(mask, 0.5 ** (age / half_life), 0.0).to(vectors.dtype)
    total = w.sum(1, keepdim=True)
    return ((w[..., None] * x).sum(1) / total.clamp(min=1e-30)).detach()
