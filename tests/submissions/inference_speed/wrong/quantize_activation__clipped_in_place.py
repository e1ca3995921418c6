# task: quantize_activation
# outcome: wrong
# misconception: none
import torch
_right = quantize_activation
def quantize_activation(x):
    x -= x.amin(-1, keepdim=True).clamp(max=0)
    return _right(x)
