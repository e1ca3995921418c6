# task: best_threshold
# outcome: wrong
# misconception: none
def best_threshold(y_true, p, false_negative_cost, false_positive_cost):
    return 0.5
