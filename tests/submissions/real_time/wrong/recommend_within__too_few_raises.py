# task: recommend_within
# outcome: error
# misconception: none
_right = recommend_within
def recommend_within(deadline, sources, k, clock):
    found = _right(deadline, sources, k, clock)
    if len(found) < k:
        raise RuntimeError("not enough items")
    return found
