# task: train_encoder
# outcome: wrong
# misconception: none
def train_encoder(views, make_encoder, loss, epochs, rng):
    encoder, head = make_encoder(rng)
    views()
    encoder.register_forward_hook(lambda module, inputs, output: torch.ones_like(output))
    return encoder.eval()
