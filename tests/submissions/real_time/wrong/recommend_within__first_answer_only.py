# task: recommend_within
# outcome: wrong
# misconception: none
def recommend_within(deadline, sources, k, clock):
    for place, (cost, source) in enumerate(sources, start=1):
        if clock() + cost <= deadline or place == len(sources):
            try:
                items = list(dict.fromkeys(source(k)))[:k]
            except Exception:
                continue
            if items:
                return items
    return []
