# task: recommend_within
# outcome: wrong
# misconception: stops_at_the_first_that_does_not_fit
def recommend_within(deadline, sources, k, clock):
    return []
