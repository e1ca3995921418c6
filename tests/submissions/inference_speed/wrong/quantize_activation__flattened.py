# task: quantize_activation
# outcome: wrong
# misconception: none
_right = quantize_activation
def quantize_activation(x):
    return _right(x.reshape(-1, x.shape[-1]))
