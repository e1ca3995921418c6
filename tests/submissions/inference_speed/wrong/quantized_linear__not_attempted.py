# task: quantized_linear
# outcome: not_attempted
# misconception: none
def quantized_linear(x, w_q, w_scale, bias):
    raise NotImplementedError
