# task: recommend_within
# outcome: wrong
# misconception: clock_read_once
def recommend_within(deadline, sources, k, clock):
    left = deadline - clock()
    found = {}
    for place, (cost, source) in enumerate(sources, start=1):
        if len(found) >= k:
            break
        if cost <= left or place == len(sources):
            try:
                found.update(dict.fromkeys(source(k)))
            except Exception:
                pass
    return list(found)[:k]
