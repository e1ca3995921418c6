# task: quantized_linear
# outcome: wrong
# misconception: none
import torch
def quantized_linear(x, w_q, w_scale, bias):
    return torch.zeros(*x.shape[:-1], w_q.shape[0])
