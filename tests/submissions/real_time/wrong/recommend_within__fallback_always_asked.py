# task: recommend_within
# outcome: wrong
# misconception: asks_everybody
def recommend_within(deadline, sources, k, clock):
    found = {}
    for place, (cost, source) in enumerate(sources, start=1):
        last = place == len(sources)
        if last or (len(found) < k and clock() + cost <= deadline):
            try:
                found.update(dict.fromkeys(source(k)))
            except Exception:
                pass
    return list(found)[:k]
