# task: momentum_update
# outcome: wrong
# misconception: counters_averaged
_exact_counters = momentum_update
def momentum_update(query_state, key_state, m):
    result = _exact_counters(query_state, key_state, m)
    for name, key in key_state.items():
        if not key.is_floating_point():
            mixed = m * key.double() + (1 - m) * query_state[name].double()
            result[name] = mixed.round().to(key.dtype)
    return result
