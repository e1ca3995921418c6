# task: recommend_within
# outcome: wrong
# misconception: none
def recommend_within(deadline, sources, k, clock):
    found = {}
    for place, (cost, source) in enumerate(sources, start=1):
        if len(found) >= k:
            break
        for _ in range(2):
            if clock() + cost <= deadline or place == len(sources):
                try:
                    found.update(dict.fromkeys(source(k)))
                    break
                except Exception:
                    pass
    return list(found)[:k]
