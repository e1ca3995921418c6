# task: quantize_weight
# outcome: error
# misconception: none
import numpy as np
import torch
def quantize_weight(w):
    a = w.numpy()
    scale = np.abs(a).max(1) / 127
    scale[scale == 0] = 1
    return torch.tensor(np.rint(a / scale[:, None]).astype(np.int8)), torch.tensor(scale)
