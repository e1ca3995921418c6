# task: recommend_within
# outcome: wrong
# misconception: none
_right = recommend_within
def recommend_within(deadline, sources, k, clock):
    found = _right(deadline, list(sources), k, clock)
    sources.clear()
    return found
