# task: train_encoder
# outcome: wrong
# misconception: none
_all_epochs = train_encoder
def train_encoder(views, make_encoder, loss, epochs, rng):
    return _all_epochs(views, make_encoder, loss, 1, rng)
