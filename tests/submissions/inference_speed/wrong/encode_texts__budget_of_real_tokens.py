# task: encode_texts
# outcome: wrong
# misconception: budget_of_real_tokens
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if len(texts) == 0:
        return np.zeros((0, 0))
    out, part = [None] * len(texts), []
    def send():
        for i, row in zip(part, encode_batch([texts[i] for i in part])):
            out[i] = row
    for i in sorted(range(len(texts)), key=lambda i: lengths[i]):
        if part and sum(lengths[j] for j in part) + lengths[i] > budget:
            send()
            part = []
        part.append(i)
    send()
    return np.array(out)
