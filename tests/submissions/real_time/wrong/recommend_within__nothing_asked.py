# task: recommend_within
# outcome: wrong
# misconception: none
def recommend_within(deadline, sources, k, clock):
    return []
