# task: encode_texts
# outcome: error
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    batches = token_batches(lengths, budget)
    rows = np.concatenate([encode_batch([texts[i] for i in b]) for b in batches])
    return rows[np.argsort(np.concatenate(batches))]
