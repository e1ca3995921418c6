# task: fuse_rankings
# outcome: wrong
# misconception: none
def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("as many weights as rankings")
    sums = {}
    for ranking, weight in zip(rankings, weights):
        rank, seen = 0, set()
        while ranking:
            item, rank = ranking.pop(0), rank + 1
            if item not in seen:
                seen.add(item)
                sums[item] = sums.get(item, 0.0) + weight / (k + rank)
    return sorted(sums, key=lambda item: -sums[item])
