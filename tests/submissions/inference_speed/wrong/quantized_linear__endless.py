# task: quantized_linear
# outcome: timed_out
# misconception: none
def quantized_linear(x, w_q, w_scale, bias):
    while x is not None:
        pass
