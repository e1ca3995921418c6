# task: momentum_update
# outcome: wrong
# misconception: none
_dtype_kept = momentum_update
def momentum_update(query_state, key_state, m):
    result = _dtype_kept(query_state, key_state, m)
    for name, key in key_state.items():
        if key.is_floating_point():
            result[name] = m * key + (1 - m) * query_state[name]
    return result
