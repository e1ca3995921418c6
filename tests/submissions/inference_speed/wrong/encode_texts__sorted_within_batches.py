# task: encode_texts
# outcome: wrong
# misconception: order_lost
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    vectors = []
    for start in range(0, len(texts), 16):
        part = sorted(range(start, min(start + 16, len(texts))), key=lambda i: lengths[i])
        while part:
            size = len(part)
            while size > 1 and size * lengths[part[size - 1]] > budget:
                size -= 1
            vectors.append(encode_batch([texts[i] for i in part[:size]]))
            part = part[size:]
    return np.concatenate(vectors)
