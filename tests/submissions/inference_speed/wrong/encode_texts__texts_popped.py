# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    rows = []
    while texts:
        rows.append(encode_batch([texts.pop(0)])[0])
    return np.array(rows)
