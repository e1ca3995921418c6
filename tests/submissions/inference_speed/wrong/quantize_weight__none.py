# task: quantize_weight
# outcome: wrong
# misconception: none
def quantize_weight(w):
    scale = w.abs().amax(1) / 127
