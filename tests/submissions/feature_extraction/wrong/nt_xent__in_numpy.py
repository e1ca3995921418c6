# task: nt_xent
# outcome: wrong
# misconception: none
_in_torch = nt_xent
def nt_xent(z_a, z_b, temperature):
    # the value is right, but nothing can be learned from it
    value = _in_torch(z_a.detach(), z_b.detach(), temperature).item()
    return torch.tensor(value, dtype=z_a.dtype)
