# task: nt_xent
# outcome: wrong
# misconception: none
_all_rows_loss = nt_xent
def nt_xent(z_a, z_b, temperature):
    full = (z_a != 0).any(1) & (z_b != 0).any(1)
    return _all_rows_loss(z_a[full], z_b[full], temperature)
