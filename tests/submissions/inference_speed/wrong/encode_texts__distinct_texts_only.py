# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    distinct = list(dict.fromkeys(texts))
    rows = [encode_batch([text])[0] for text in distinct]
    return np.array(rows)
