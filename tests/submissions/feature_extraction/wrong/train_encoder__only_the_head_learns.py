# task: train_encoder
# outcome: wrong
# misconception: none
def train_encoder(views, make_encoder, loss, epochs, rng):
    encoder, head = make_encoder(rng)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        optimizer = torch.optim.AdamW(head.parameters(), lr=2e-3)
        for _ in range(epochs):
            x_a, x_b = views()
            optimizer.zero_grad()
            loss(head(encoder(x_a)), head(encoder(x_b)), 0.1).backward()
            optimizer.step()
    return encoder.eval()
