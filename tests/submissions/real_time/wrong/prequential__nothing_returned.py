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
        model.learn(time, x, y)
