# task: momentum_update
# outcome: wrong
# misconception: none
_scalars_stay = momentum_update
def momentum_update(query_state, key_state, m):
    result = _scalars_stay(query_state, key_state, m)
    return {name: torch.atleast_1d(tensor) for name, tensor in result.items()}
