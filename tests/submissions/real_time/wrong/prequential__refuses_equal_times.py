# task: prequential
# outcome: error
# misconception: none
def prequential(events, model, score):
    scores, last = [], None
    for time, x, y in events:
        if last is not None and time <= last:
            raise ValueError("times must rise")
        last = time
        scores.append(score(model.predict(time, x), y))
        model.learn(time, x, y)
    return scores
