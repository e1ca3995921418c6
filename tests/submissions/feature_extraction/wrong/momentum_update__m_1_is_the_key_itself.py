# task: momentum_update
# outcome: wrong
# misconception: shares_memory
_m_1_copied = momentum_update
def momentum_update(query_state, key_state, m):
    result = _m_1_copied(query_state, key_state, m)
    if m == 1:
        return {name: key_state[name] if t.is_floating_point() else t for name, t in result.items()}
    return result
