# task: train_encoder
# outcome: wrong
# misconception: none
_fresh_views = train_encoder
def train_encoder(views, make_encoder, loss, epochs, rng):
    pair = views()
    return _fresh_views(lambda: pair, make_encoder, loss, epochs, rng)
