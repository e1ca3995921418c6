# task: encode_texts
# outcome: error
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    out = [None] * len(texts)
    left = sorted(texts, key=len)
    for text in left:
        out[texts.index(text)] = encode_batch([text])[0]
    return np.array(out)
