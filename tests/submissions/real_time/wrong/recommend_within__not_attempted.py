# task: recommend_within
# outcome: not_attempted
# misconception: none
def recommend_within(deadline, sources, k, clock):
    raise NotImplementedError
