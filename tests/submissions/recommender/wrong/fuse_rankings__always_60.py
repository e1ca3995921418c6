# task: fuse_rankings
# outcome: wrong
# misconception: k_fixed
def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("as many weights as rankings")
    sums = {}
    for ranking, weight in zip(rankings, weights):
        seen = set()
        for rank, item in enumerate(ranking, start=1):
            if item not in seen:
                sums[item] = sums.get(item, 0.0) + weight / (60 + rank)
            seen.add(item)
    return sorted(sums, key=lambda item: -sums[item])
