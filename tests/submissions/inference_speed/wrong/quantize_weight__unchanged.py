# task: quantize_weight
# outcome: wrong
# misconception: none
def quantize_weight(w):
    return w, w.abs().amax(1) / 127
