# task: prequential
# outcome: wrong
# misconception: reads_ahead
from itertools import groupby
def prequential(events, model, score):
    scores, last = [], float("-inf")
    for time, group in groupby(events, key=lambda event: event[0]):
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        group = list(group)
        for _, x, y in group:
            scores.append(score(model.predict(time, x), y))
        for event in group:
            model.learn(*event)
    return scores
