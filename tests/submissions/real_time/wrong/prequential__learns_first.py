# task: prequential
# outcome: wrong
# misconception: learns_before_predicting
def prequential(events, model, score):
    scores, last = [], float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("backwards")
        last = time
        model.learn(time, x, y)
        scores.append(score(model.predict(time, x), y))
    return scores
