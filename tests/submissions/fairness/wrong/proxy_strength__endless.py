# task: proxy_strength
# outcome: timed_out
# misconception: none
def proxy_strength(X, attribute, households, rng):
    folds = []
    while len(folds) < 5:
        rng.permutation(len(X))
    return 0.5
