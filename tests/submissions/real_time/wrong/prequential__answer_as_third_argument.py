# task: prequential
# outcome: wrong
# misconception: y_to_predict
def prequential(events, model, score):
    scores, last = [], None
    for time, x, y in events:
        if last is not None and time < last:
            raise ValueError("time runs backwards")
        scores.append(score(model.predict(time, x, y), y))
        model.learn(time, x, y)
        last = time
    return scores
