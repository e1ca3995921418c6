# task: recommend_within
# outcome: wrong
# misconception: none
_right = recommend_within
def recommend_within(deadline, sources, k, clock):
    return _right(deadline, sorted(sources, key=lambda pair: pair[0]), k, clock)
