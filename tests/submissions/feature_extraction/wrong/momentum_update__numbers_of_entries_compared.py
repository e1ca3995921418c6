# task: momentum_update
# outcome: wrong
# misconception: none
def momentum_update(query_state, key_state, m):
    if not 0 <= m <= 1 or query_state.keys() != key_state.keys():
        raise ValueError("bad input")
    result = {}
    for name, key in key_state.items():
        query = query_state[name]
        if query.numel() != key.numel():
            raise ValueError("bad shapes")
        mixed = (m * key + (1 - m) * query.reshape(key.shape)).to(key.dtype)
        result[name] = mixed if key.is_floating_point() else query.clone()
    return result
