# task: quantize_activation
# outcome: wrong
# misconception: none
import torch
_right = quantize_activation
def quantize_activation(x):
    # one range per text of the batch
    if x.dim() < 3:
        return _right(x)
    n = len(x)
    q, scale, zero = _right(x.reshape(n, -1))
    shape = x.shape[:-1]
    spread = lambda t: t.view(n, *[1] * (len(shape) - 1)).expand(shape).clone()
    return q.view(x.shape), spread(scale), spread(zero)
