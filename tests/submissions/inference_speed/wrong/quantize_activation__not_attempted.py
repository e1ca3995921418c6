# task: quantize_activation
# outcome: not_attempted
# misconception: none
def quantize_activation(x):
    raise NotImplementedError
