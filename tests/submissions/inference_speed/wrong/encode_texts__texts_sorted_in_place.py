# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    lengths = [n for _, n in sorted(zip(texts, lengths), key=lambda p: p[1])]
    size_of = {}
    texts.sort(key=lambda t: len(t))
    return np.concatenate([encode_batch([t]) for t in texts])
