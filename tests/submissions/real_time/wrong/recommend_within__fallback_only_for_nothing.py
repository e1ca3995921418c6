# task: recommend_within
# outcome: wrong
# misconception: fallback_held_to_the_deadline
def recommend_within(deadline, sources, k, clock):
    found = {}
    for place, (cost, source) in enumerate(sources, start=1):
        if len(found) >= k:
            break
        if clock() + cost <= deadline or (place == len(sources) and not found):
            try:
                found.update(dict.fromkeys(source(k)))
            except Exception:
                pass
    return list(found)[:k]
