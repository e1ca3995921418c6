# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    scores, last = [], float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        scores.append(score(model.predict(time, x), y))
        for _ in range(2):
            model.learn(time, x, y)
    return scores
