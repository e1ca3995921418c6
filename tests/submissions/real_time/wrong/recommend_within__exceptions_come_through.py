# task: recommend_within
# outcome: error
# misconception: none
def recommend_within(deadline, sources, k, clock):
    found = {}
    for place, (cost, source) in enumerate(sources, start=1):
        if len(found) >= k:
            break
        if clock() + cost <= deadline or place == len(sources):
            found.update(dict.fromkeys(source(k)))
    return list(found)[:k]
