# task: momentum_update
# outcome: wrong
# misconception: none
_all_averaged = momentum_update
def momentum_update(query_state, key_state, m):
    # decided by name: only what is called weight or bias is averaged
    result = _all_averaged(query_state, key_state, m)
    for name, key in key_state.items():
        if not name.endswith(("weight", "bias")):
            result[name] = query_state[name].to(key.dtype).clone()
    return result
