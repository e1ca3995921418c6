# task: best_threshold
# outcome: wrong
# misconception: threshold_of_theory
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    if false_negative_cost + false_positive_cost == 0:
        return 0.5
    return 1 / (1 + false_negative_cost / false_positive_cost) if false_positive_cost else 0.0
