# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    scores, last = [], float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        scores.append(score(y, model.predict(time, x)))
        model.learn(time, x, y)
    return scores
