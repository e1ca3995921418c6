# task: recommend_within
# outcome: wrong
# misconception: none
_right = recommend_within
def recommend_within(deadline, sources, k, clock):
    return [str(item) for item in _right(deadline, sources, k, clock)]
