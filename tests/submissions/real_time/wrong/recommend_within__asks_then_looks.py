# task: recommend_within
# outcome: wrong
# misconception: checks_the_clock_afterwards
def recommend_within(deadline, sources, k, clock):
    found = {}
    for cost, source in sources:
        if len(found) >= k:
            break
        try:
            found.update(dict.fromkeys(source(k)))
        except Exception:
            pass
        if clock() > deadline:
            break
    return list(found)[:k]
