# task: train_encoder
# outcome: wrong
# misconception: none
_module_returned = train_encoder
def train_encoder(views, make_encoder, loss, epochs, rng):
    encoder = _module_returned(views, make_encoder, loss, epochs, rng)
    return lambda x: F.normalize(x)
