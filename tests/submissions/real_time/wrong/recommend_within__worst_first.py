# task: recommend_within
# outcome: wrong
# misconception: none
_right = recommend_within
def recommend_within(deadline, sources, k, clock):
    return _right(deadline, sources[::-1], k, clock)
