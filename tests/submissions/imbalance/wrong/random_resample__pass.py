# task: random_resample
# outcome: wrong
# misconception: none
def random_resample(X, y, strategy, rng):
    print("over" if strategy == "over" else "under", len(y))
