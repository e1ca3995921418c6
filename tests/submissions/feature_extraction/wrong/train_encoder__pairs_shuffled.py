# task: train_encoder
# outcome: wrong
# misconception: none
_paired = train_encoder
def train_encoder(views, make_encoder, loss, epochs, rng):
    def unpaired():
        x_a, x_b = views()
        return x_a, x_b[torch.as_tensor(rng.permutation(len(x_b)))]
    return _paired(unpaired, make_encoder, loss, epochs, rng)
