# task: nt_xent
# outcome: error
# misconception: none
_small_batches = nt_xent
def nt_xent(z_a, z_b, temperature):
    if len(z_a) < 2:
        raise ValueError("no negatives")
    return _small_batches(z_a, z_b, temperature)
