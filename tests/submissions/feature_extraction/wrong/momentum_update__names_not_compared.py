# task: momentum_update
# outcome: error
# misconception: none
def momentum_update(query_state, key_state, m):
    if not 0 <= m <= 1:
        raise ValueError("bad m")
    result = {}
    for name, key in key_state.items():
        query = query_state[name]
        if query.shape != key.shape:
            raise ValueError("bad shapes")
        mixed = (m * key + (1 - m) * query).to(key.dtype)
        result[name] = mixed if key.is_floating_point() else query.clone()
    return result
