# task: nt_xent
# outcome: wrong
# misconception: none
_any_batch = nt_xent
def nt_xent(z_a, z_b, temperature):
    # a mean over no negatives at all
    if len(z_a) == 1:
        return (z_a + z_b)[:, :0].mean()
    return _any_batch(z_a, z_b, temperature)
