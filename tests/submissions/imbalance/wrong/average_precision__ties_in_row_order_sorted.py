# task: average_precision
# outcome: wrong
# misconception: ties_in_row_order
def average_precision(y_true, scores):
    pairs = sorted(zip(scores, y_true), key=lambda pair: -pair[0])
    hits, total = 0, 0.0
    for rank, (_, truth) in enumerate(pairs, start=1):
        if truth:
            hits += 1
            total += hits / rank
    if hits == 0:
        raise ValueError("no positives")
    return total / hits
