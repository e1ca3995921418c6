# task: momentum_update
# outcome: wrong
# misconception: swapped
def momentum_update(query_state, key_state, m):
    if not 0 <= m <= 1 or query_state.keys() != key_state.keys():
        raise ValueError("bad input")
    if any(query_state[name].shape != key_state[name].shape for name in key_state):
        raise ValueError("bad shapes")
    return {
        name: (m * query_state[name] + (1 - m) * key).to(key.dtype)
        if key.is_floating_point() else query_state[name].clone()
        for name, key in key_state.items()
    }
