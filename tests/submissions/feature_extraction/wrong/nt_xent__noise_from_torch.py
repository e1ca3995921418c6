# task: nt_xent
# outcome: wrong
# misconception: none
_quiet_loss = nt_xent
def nt_xent(z_a, z_b, temperature):
    return _quiet_loss(F.dropout(z_a, 0.1), F.dropout(z_b, 0.1), temperature)
