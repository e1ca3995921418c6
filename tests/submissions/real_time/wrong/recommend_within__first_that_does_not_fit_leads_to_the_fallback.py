# task: recommend_within
# outcome: wrong
# misconception: none
def recommend_within(deadline, sources, k, clock):
    found = {}
    *first, (_, fallback) = sources
    for cost, source in first:
        if len(found) >= k or clock() + cost > deadline:
            break
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    if len(found) < k:
        try:
            found.update(dict.fromkeys(fallback(k)))
        except Exception:
            pass
    return list(found)[:k]
