# task: momentum_update
# outcome: wrong
# misconception: none
_query_counters = momentum_update
def momentum_update(query_state, key_state, m):
    result = _query_counters(query_state, key_state, m)
    return {
        name: tensor if tensor.is_floating_point() else key_state[name].clone()
        for name, tensor in result.items()
    }
