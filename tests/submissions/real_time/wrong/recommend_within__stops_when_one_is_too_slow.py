# task: recommend_within
# outcome: wrong
# misconception: stops_at_the_first_that_does_not_fit
def recommend_within(deadline, sources, k, clock):
    found = {}
    for place, (cost, source) in enumerate(sources, start=1):
        if len(found) >= k or (place < len(sources) and clock() + cost > deadline):
            break
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            continue
    return list(found)[:k]
