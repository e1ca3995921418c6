# task: recommend_within
# outcome: wrong
# misconception: none
def recommend_within(deadline, sources, k, clock):
    found = []
    for place, (cost, source) in enumerate(sources):
        if len(found) >= k:
            break
        try:
            items = source(k)
        except Exception:
            continue
        if clock() > deadline and place < len(sources) - 1:
            continue
        found += [item for item in dict.fromkeys(items) if item not in found]
    return found[:k]
