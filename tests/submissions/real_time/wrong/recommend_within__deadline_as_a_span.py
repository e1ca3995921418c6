# task: recommend_within
# outcome: wrong
# misconception: expected_cost_ignored
def recommend_within(deadline, sources, k, clock):
    end = clock() + deadline
    found = {}
    for place, (cost, source) in enumerate(sources, start=1):
        if len(found) >= k:
            break
        if clock() + cost <= end or place == len(sources):
            try:
                found.update(dict.fromkeys(source(k)))
            except Exception:
                pass
    return list(found)[:k]
