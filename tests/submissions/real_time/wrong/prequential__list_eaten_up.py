# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    waiting = events if isinstance(events, list) else iter(events)
    scores, last = [], float("-inf")
    while True:
        try:
            time, x, y = waiting.pop(0) if isinstance(waiting, list) else next(waiting)
        except (IndexError, StopIteration):
            return scores
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        scores.append(score(model.predict(time, x), y))
        model.learn(time, x, y)
