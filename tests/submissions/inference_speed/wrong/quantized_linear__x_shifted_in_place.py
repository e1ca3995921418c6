# task: quantized_linear
# outcome: wrong
# misconception: none
_right = quantized_linear
def quantized_linear(x, w_q, w_scale, bias):
    y = _right(x, w_q, w_scale, bias)
    x.sub_(x.amin())
    return y
