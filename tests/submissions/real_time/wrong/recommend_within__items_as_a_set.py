# task: recommend_within
# outcome: wrong
# misconception: none
_right = recommend_within
def recommend_within(deadline, sources, k, clock):
    return set(_right(deadline, sources, k, clock))
