# task: encode_texts
# outcome: wrong
# misconception: order_lost
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
    return np.concatenate([encode_batch([texts[i] for i in b]) for b in batches])[::-1]
