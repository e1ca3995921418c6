# task: momentum_update
# outcome: error
# misconception: none
_m_1_allowed = momentum_update
def momentum_update(query_state, key_state, m):
    if m >= 1:
        raise ValueError("m must be below 1")
    return _m_1_allowed(query_state, key_state, m)
