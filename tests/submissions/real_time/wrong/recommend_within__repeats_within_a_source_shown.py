# task: recommend_within
# outcome: wrong
# misconception: none
def recommend_within(deadline, sources, k, clock):
    found = []
    for place, (cost, source) in enumerate(sources, start=1):
        if len(found) >= k:
            break
        if clock() + cost <= deadline or place == len(sources):
            try:
                found += [item for item in source(k) if item not in set(found)]
            except Exception:
                pass
    return found[:k]
