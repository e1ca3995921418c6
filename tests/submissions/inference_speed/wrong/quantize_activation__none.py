# task: quantize_activation
# outcome: wrong
# misconception: none
def quantize_activation(x):
    x.amin(-1)
