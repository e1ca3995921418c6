# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    order = sorted(range(len(texts)), key=lambda i: -lengths[i])
    batches = []
    while order:
        size = max(1, budget // int(lengths[order[0]]))
        batches.append(order[:size])
        order = order[size:]
    out = None
    for b in batches:
        rows = np.asarray(encode_batch([texts[i] for i in b]))
        out = np.zeros((len(texts), rows.shape[1]), dtype=int) if out is None else out
        out[b] = rows
    return out
