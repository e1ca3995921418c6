# task: train_encoder
# outcome: wrong
# misconception: head_kept
def train_encoder(views, make_encoder, loss, epochs, rng):
    encoder, head = make_encoder(rng)
    model = torch.nn.Sequential(encoder, head)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**31)))
        optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
        for _ in range(epochs):
            x_a, x_b = views()
            optimizer.zero_grad()
            loss(model(x_a), model(x_b), 0.1).backward()
            optimizer.step()
    return model.eval()
