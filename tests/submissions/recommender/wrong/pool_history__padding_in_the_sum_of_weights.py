# task: pool_history
# outcome: wrong
# misconception: padding_in_the_denominator
import torch
def pool_history(vectors, mask, ages, half_life):
    w = (0.5 ** (ages / half_life)).to(vectors.dtype)
    kept = torch.where(mask[..., None], w[..., None] * vectors, 0.0)
    return kept.sum(1) / w.sum(1, keepdim=True)
