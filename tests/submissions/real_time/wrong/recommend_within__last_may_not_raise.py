# task: recommend_within
# outcome: error
# misconception: none
def recommend_within(deadline, sources, k, clock):
    found = {}
    *first, (_, fallback) = sources
    for cost, source in first:
        if len(found) < k and clock() + cost <= deadline:
            try:
                found.update(dict.fromkeys(source(k)))
            except Exception:
                pass
    if len(found) < k:
        found.update(dict.fromkeys(fallback(k)))
    return list(found)[:k]
