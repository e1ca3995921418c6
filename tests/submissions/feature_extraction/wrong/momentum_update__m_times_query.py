# task: momentum_update
# outcome: wrong
# misconception: swapped
_right_momentum = momentum_update
def momentum_update(query_state, key_state, m):
    return _right_momentum(query_state, key_state, 1 - m)
