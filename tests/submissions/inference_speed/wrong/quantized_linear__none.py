# task: quantized_linear
# outcome: wrong
# misconception: none
def quantized_linear(x, w_q, w_scale, bias):
    quantize_activation(x)
