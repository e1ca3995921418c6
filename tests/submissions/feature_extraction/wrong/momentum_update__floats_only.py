# task: momentum_update
# outcome: wrong
# misconception: none
_whole_state = momentum_update
def momentum_update(query_state, key_state, m):
    result = _whole_state(query_state, key_state, m)
    return {name: tensor for name, tensor in result.items() if tensor.is_floating_point()}
