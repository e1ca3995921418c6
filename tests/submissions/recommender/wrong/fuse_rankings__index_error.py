# task: fuse_rankings
# outcome: error
# misconception: none
def fuse_rankings(rankings, weights, k=60):
    rankings = list(rankings)
    sums = {}
    for ranking, weight in [(ranking, weights[i]) for i, ranking in enumerate(rankings)]:
        seen = set()
        for rank, item in enumerate(ranking, start=1):
            if item not in seen:
                sums[item] = sums.get(item, 0.0) + weight / (k + rank)
            seen.add(item)
    return sorted(sums, key=lambda item: -sums[item])
