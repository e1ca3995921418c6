# task: nt_xent
# outcome: wrong
# misconception: none
_used_loss = nt_xent
def nt_xent(z_a, z_b, temperature):
    return _used_loss(z_a, z_a, temperature)
