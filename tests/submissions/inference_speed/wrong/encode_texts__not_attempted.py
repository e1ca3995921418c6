# task: encode_texts
# outcome: not_attempted
# misconception: none
def encode_texts(texts, encode_batch, lengths, budget):
    raise NotImplementedError
