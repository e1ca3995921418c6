# task: pool_history
# outcome: wrong
# misconception: padding_averaged_in
import torch
def pool_history(vectors, mask, ages, half_life):
    real = ~vectors.isnan().any(-1)
    x = vectors.nan_to_num(0.0)
    age = ages.masked_fill(~real, torch.inf)
    age = torch.where(real, age - age.amin(1, keepdim=True), 0.0)
    w = torch.where(real, 0.5 ** (age / half_life), 0.0).to(vectors.dtype)
    return (w[..., None] * x).sum(1) / w.sum(1, keepdim=True).clamp(min=1e-30)
