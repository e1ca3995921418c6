# task: quantize_weight
# outcome: not_attempted
# misconception: none
def quantize_weight(w):
    raise NotImplementedError
