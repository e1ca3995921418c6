# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    scores, last = [], None
    for time, x, y in events:
        prediction = model.predict(time, x)
        if last is not None and time < last:
            raise ValueError("time runs backwards")
        last = time
        scores.append(score(prediction, y))
        model.learn(time, x, y)
    return scores
