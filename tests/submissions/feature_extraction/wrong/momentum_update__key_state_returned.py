# task: momentum_update
# outcome: wrong
# misconception: in_place
_new_state = momentum_update
def momentum_update(query_state, key_state, m):
    key_state.update(_new_state(query_state, key_state, m))
    return key_state
