# task: best_threshold
# outcome: wrong
# misconception: costs_swapped
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    best, least = None, float("inf")
    for t in [*sorted(set(p.tolist())), float(p.max()) + 1]:
        cost = 0
        for truth, q in zip(y_true, p):
            if q >= t and not truth:
                cost += false_negative_cost
            elif q < t and truth:
                cost += false_positive_cost
        if cost < least:
            best, least = t, cost
    return best
