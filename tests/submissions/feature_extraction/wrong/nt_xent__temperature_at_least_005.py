# task: nt_xent
# outcome: wrong
# misconception: none
_any_temperature = nt_xent
def nt_xent(z_a, z_b, temperature):
    return _any_temperature(z_a, z_b, max(temperature, 0.05))
