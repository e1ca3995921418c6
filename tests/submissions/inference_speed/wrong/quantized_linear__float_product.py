# task: quantized_linear
# outcome: wrong
# misconception: activations_not_quantised
import torch
import torch.nn.functional as F
def quantized_linear(x, w_q, w_scale, bias):
    return F.linear(x, w_q * w_scale[:, None], bias)
