# task: nt_xent
# outcome: wrong
# misconception: none
_precise_loss = nt_xent
def nt_xent(z_a, z_b, temperature):
    return _precise_loss(z_a.float(), z_b.float(), temperature)
