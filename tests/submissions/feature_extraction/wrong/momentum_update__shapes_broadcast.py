# task: momentum_update
# outcome: wrong
# misconception: none
def momentum_update(query_state, key_state, m):
    if not 0 <= m <= 1 or query_state.keys() != key_state.keys():
        raise ValueError("bad input")
    result = {}
    for name, key in key_state.items():
        query = query_state[name]
        if key.is_floating_point():
            try:
                result[name] = (m * key + (1 - m) * query).to(key.dtype)
            except RuntimeError as error:
                raise ValueError("bad shapes") from error
        else:
            result[name] = query.clone()
    return result
