# task: pool_history
# outcome: wrong
# misconception: divided_by_the_count
import torch
def pool_history(vectors, mask, ages, half_life):
    x = torch.where(mask[..., None], vectors, 0.0)
    w = torch.where(mask, 0.5 ** (ages / half_life), 0.0).to(vectors.dtype)
    return (w[..., None] * x).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
