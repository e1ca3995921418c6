# task: nt_xent
# outcome: wrong
# misconception: none
_tensor_loss = nt_xent
def nt_xent(z_a, z_b, temperature):
    return _tensor_loss(z_a, z_b, temperature).item()
