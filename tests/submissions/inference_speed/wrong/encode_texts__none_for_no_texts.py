# task: encode_texts
# outcome: wrong
# misconception: none
_right = encode_texts
def encode_texts(texts, encode_batch, lengths, budget):
    return _right(texts, encode_batch, lengths, budget) if texts else None
