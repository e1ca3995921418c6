# task: train_encoder
# outcome: wrong
# misconception: none
_two_views_loop = train_encoder
def train_encoder(views, make_encoder, loss, epochs, rng):
    # the two views differ by dropout alone
    return _two_views_loop(lambda: (views()[0],) * 2, make_encoder, loss, epochs, rng)
