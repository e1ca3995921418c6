# task: train_encoder
# outcome: wrong
# misconception: none
_returned = train_encoder
def train_encoder(views, make_encoder, loss, epochs, rng):
    _returned(views, make_encoder, loss, epochs, rng)
