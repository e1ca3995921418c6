# task: fast_encoder
# outcome: wrong
# misconception: none
def fast_encoder(model, tokenizer):
    return None
