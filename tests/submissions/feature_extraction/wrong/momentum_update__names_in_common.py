# task: momentum_update
# outcome: wrong
# misconception: none
_all_names = momentum_update
def momentum_update(query_state, key_state, m):
    common = query_state.keys() & key_state.keys()
    return _all_names({n: query_state[n] for n in common}, {n: key_state[n] for n in common}, m)
