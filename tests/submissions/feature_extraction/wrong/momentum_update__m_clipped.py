# task: momentum_update
# outcome: wrong
# misconception: none
_m_not_clipped = momentum_update
def momentum_update(query_state, key_state, m):
    return _m_not_clipped(query_state, key_state, min(1.0, max(0.0, m)))
