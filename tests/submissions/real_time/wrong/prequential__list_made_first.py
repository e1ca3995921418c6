# task: prequential
# outcome: wrong
# misconception: reads_ahead
def prequential(events, model, score):
    events = list(events)
    for before, after in zip(events, events[1:]):
        if after[0] < before[0]:
            raise ValueError("not in order of time")
    scores = []
    for time, x, y in events:
        prediction = model.predict(time, x)
        scores.append(score(prediction, y))
        model.learn(time, x, y)
    return scores
