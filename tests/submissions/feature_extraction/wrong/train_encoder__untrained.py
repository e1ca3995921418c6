# task: train_encoder
# outcome: wrong
# misconception: none
def train_encoder(views, make_encoder, loss, epochs, rng):
    return make_encoder(rng)[0].eval()
