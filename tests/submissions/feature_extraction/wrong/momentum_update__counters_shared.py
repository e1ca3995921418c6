# task: momentum_update
# outcome: wrong
# misconception: shares_memory
_cloned_counters = momentum_update
def momentum_update(query_state, key_state, m):
    result = _cloned_counters(query_state, key_state, m)
    return {
        name: tensor if tensor.is_floating_point() else query_state[name]
        for name, tensor in result.items()
    }
