# task: quantize_activation
# outcome: wrong
# misconception: none
import torch
def quantize_activation(x):
    return x, torch.ones(x.shape[:-1]), torch.zeros(x.shape[:-1], dtype=torch.int32)
