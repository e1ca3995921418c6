# task: nt_xent
# outcome: wrong
# misconception: detached_side
_both_sides = nt_xent
def nt_xent(z_a, z_b, temperature):
    return _both_sides(z_a, z_b.detach(), temperature)
