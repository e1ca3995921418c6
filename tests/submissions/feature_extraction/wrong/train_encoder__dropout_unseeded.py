# task: train_encoder
# outcome: wrong
# misconception: none
def train_encoder(views, make_encoder, loss, epochs, rng):
    # the global state is put back, but training is never the same twice
    encoder, head = make_encoder(rng)
    with torch.random.fork_rng(devices=[]):
        torch.seed()
        optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=2e-3)
        for _ in range(epochs):
            x_a, x_b = views()
            optimizer.zero_grad()
            loss(head(encoder(x_a)), head(encoder(x_b)), 0.1).backward()
            optimizer.step()
    return encoder.eval()
