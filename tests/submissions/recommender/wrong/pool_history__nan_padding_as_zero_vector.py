# task: pool_history
# outcome: wrong
# misconception: padding_averaged_in
import torch
def pool_history(vectors, mask, ages, half_life):
    w = 0.5 ** (ages.nan_to_num(0.0) / half_life)
    x = vectors.nan_to_num(0.0)
    return ((w[..., None] * x).sum(1) / w.sum(1, keepdim=True)).to(vectors.dtype)
