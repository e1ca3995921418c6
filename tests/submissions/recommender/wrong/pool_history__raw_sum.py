# task: pool_history
# outcome: wrong
# misconception: summed
import torch
def pool_history(vectors, mask, ages, half_life):
    x = torch.where(mask[..., None], vectors, 0.0)
    w = torch.where(mask, 0.5 ** (ages / half_life), 0.0).to(vectors.dtype)
    return torch.einsum("bt,btd->bd", w, x)
