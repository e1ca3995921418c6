# task: encode_texts
# outcome: error
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
    out = np.zeros((len(texts), 384))
    for b in batches:
        out[b] = encode_batch([texts[i] for i in b])
    return out
