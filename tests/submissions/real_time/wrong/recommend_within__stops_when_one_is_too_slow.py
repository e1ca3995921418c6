# task: recommend_within
# outcome: wrong
# misconception: stops_at_the_first_that_does_not_fit
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
