# task: nt_xent
# outcome: wrong
# misconception: none
_typed_loss = nt_xent
def nt_xent(z_a, z_b, temperature):
    return _typed_loss(z_a.double(), z_b.double(), temperature)
