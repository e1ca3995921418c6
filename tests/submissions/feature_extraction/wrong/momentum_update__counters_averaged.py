# task: momentum_update
# outcome: wrong
# misconception: counters_averaged
_clones_counters = momentum_update
def momentum_update(query_state, key_state, m):
    result = _clones_counters(query_state, key_state, m)
    for name, key in key_state.items():
        if not key.is_floating_point():
            result[name] = (m * key + (1 - m) * query_state[name]).to(key.dtype)
    return result
