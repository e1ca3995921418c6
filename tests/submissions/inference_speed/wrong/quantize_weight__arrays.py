# task: quantize_weight
# outcome: wrong
# misconception: none
import numpy as np
def quantize_weight(w):
    a = w.detach().numpy()
    scale = np.abs(a).max(1) / 127
    scale[scale == 0] = 1
    return np.rint(a / scale[:, None]).astype(np.int8).tolist(), scale.tolist()
