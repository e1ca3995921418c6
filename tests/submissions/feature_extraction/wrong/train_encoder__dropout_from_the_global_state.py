# task: train_encoder
# outcome: wrong
# misconception: global_seed
def train_encoder(views, make_encoder, loss, epochs, rng):
    encoder, head = make_encoder(rng)
    optimizer = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=2e-3)
    for _ in range(epochs):
        x_a, x_b = views()
        optimizer.zero_grad()
        loss(head(encoder(x_a)), head(encoder(x_b)), 0.1).backward()
        optimizer.step()
    return encoder.eval()
