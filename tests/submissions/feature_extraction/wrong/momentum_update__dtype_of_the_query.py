# task: momentum_update
# outcome: wrong
# misconception: none
_dtype_of_key = momentum_update
def momentum_update(query_state, key_state, m):
    result = _dtype_of_key(query_state, key_state, m)
    return {name: tensor.to(query_state[name].dtype) for name, tensor in result.items()}
