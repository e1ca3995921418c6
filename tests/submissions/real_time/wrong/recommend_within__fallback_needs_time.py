# task: recommend_within
# outcome: wrong
# misconception: fallback_held_to_the_deadline
def recommend_within(deadline, sources, k, clock):
    found = {}
    for cost, source in sources:
        if len(found) >= k:
            break
        if clock() + cost <= deadline:
            try:
                found.update(dict.fromkeys(source(k)))
            except Exception:
                pass
    return list(found)[:k]
