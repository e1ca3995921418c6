# task: prequential
# outcome: wrong
# misconception: reads_ahead
from itertools import pairwise, chain
def prequential(events, model, score):
    scores = []
    for (time, x, y), following in pairwise(chain(events, [None])):
        scores.append(score(model.predict(time, x), y))
        model.learn(time, x, y)
        if following is not None and following[0] < time:
            raise ValueError("time runs backwards")
    return scores
