# task: recommend_within
# outcome: timed_out
# misconception: none
def recommend_within(deadline, sources, k, clock):
    found = {}
    while len(found) < k:
        for place, (cost, source) in enumerate(sources, start=1):
            if place == len(sources) or clock() + cost <= deadline:
                try:
                    found.update(dict.fromkeys(source(k)))
                except Exception:
                    pass
                break
    return list(found)[:k]
