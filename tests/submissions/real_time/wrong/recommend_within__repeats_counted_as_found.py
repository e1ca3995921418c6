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
                found.extend(source(k))
            except Exception:
                pass
    return list(dict.fromkeys(found))[:k]
