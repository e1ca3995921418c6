# task: encode_texts
# outcome: wrong
# misconception: last_batch_lost
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
    out = np.full((len(texts), 1), np.nan)
    for b in batches:
        if len(b) * max(lengths[i] for i in b) <= budget:
            rows = np.asarray(encode_batch([texts[i] for i in b]))
            if out.shape[1] != rows.shape[1]:
                out = np.full((len(texts), rows.shape[1]), np.nan)
            out[b] = rows
    return out
