# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
import torch.nn.functional as F
def quantized_linear(x, w_q, w_scale, bias):
    return F.linear(x, w_q * w_scale[:, None], bias)
