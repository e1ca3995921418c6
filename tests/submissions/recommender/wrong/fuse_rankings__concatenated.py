# task: fuse_rankings
# outcome: wrong
# misconception: none
def fuse_rankings(rankings, weights, k=60):
    if len(rankings) != len(weights):
        raise ValueError("as many weights as rankings")
    return list(dict.fromkeys(item for ranking in rankings for item in ranking))
