# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    out = [None] * len(texts)
    for b in token_batches(lengths, budget):
        for i, row in zip(b, encode_batch([texts[i] for i in b])):
            out[i] = row
    return np.array(out)
