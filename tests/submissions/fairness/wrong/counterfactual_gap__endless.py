# task: counterfactual_gap
# outcome: timed_out
# misconception: none
def counterfactual_gap(predict, X, intervene):
    before = predict(X)
    while True:
        if (predict(intervene(X)) == before).all():
            before = before + 1
