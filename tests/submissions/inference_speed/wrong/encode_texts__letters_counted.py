# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    out = [None] * len(texts)
    while order:
        size = max(1, budget // max(1, len(texts[order[0]])))
        for i, row in zip(order[:size], encode_batch([texts[i] for i in order[:size]])):
            out[i] = row
        order = order[size:]
    return np.array(out)
