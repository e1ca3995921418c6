# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    scores, last = [], None
    for time, x, y in events:
        if last is not None:
            if time < last:
                raise ValueError("time runs backwards")
            scores.append(score(model.predict(time, x), y))
        last = time
        model.learn(time, x, y)
    return scores
