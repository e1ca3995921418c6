# task: quantized_linear
# outcome: wrong
# misconception: activations_not_quantised
import torch
def quantized_linear(x, w_q, w_scale, bias):
    y = (x @ w_q.float().T) * w_scale
    return y if bias is None else y + bias
