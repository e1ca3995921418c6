# task: pool_history
# outcome: wrong
# misconception: padding_averaged_in
import torch
def pool_history(vectors, mask, ages, half_life):
    w = 0.5 ** ((ages - ages.amin(1, keepdim=True)) / half_life)
    return ((w[..., None] * vectors).sum(1) / w.sum(1, keepdim=True)).to(vectors.dtype)
