# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    return np.concatenate([encode_batch(list(texts[i : i + budget])) for i in range(0, len(texts), budget)])
