# task: nt_xent
# outcome: wrong
# misconception: none
_gentle_loss = nt_xent
def nt_xent(z_a, z_b, temperature):
    with torch.no_grad():
        z_a /= z_a.norm(dim=1, keepdim=True).clamp_min(1e-12)
        z_b /= z_b.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return _gentle_loss(z_a, z_b, temperature)
