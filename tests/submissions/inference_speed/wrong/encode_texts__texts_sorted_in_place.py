# task: encode_texts
# outcome: wrong
# misconception: none
import numpy as np
def encode_texts(texts, encode_batch, lengths, budget):
    if not texts:
        return np.zeros((0, 0))
    place = {text: i for i, text in enumerate(texts)}
    given = list(texts)
    texts.sort(key=len)
    rows = {text: encode_batch([text])[0] for text in place}
    return np.array([rows[text] for text in given])
