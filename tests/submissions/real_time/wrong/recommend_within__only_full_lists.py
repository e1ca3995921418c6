# task: recommend_within
# outcome: wrong
# misconception: none
def recommend_within(deadline, sources, k, clock):
    items = []
    for place, (cost, source) in enumerate(sources, start=1):
        if clock() + cost <= deadline or place == len(sources):
            try:
                items = list(dict.fromkeys(source(k)))[:k]
            except Exception:
                continue
            if len(items) == k:
                return items
    return items
