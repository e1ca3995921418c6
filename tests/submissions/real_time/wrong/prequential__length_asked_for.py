# task: prequential
# outcome: error
# misconception: none
def prequential(events, model, score):
    scores = [0.0] * len(events)
    last = float("-inf")
    for i in range(len(events)):
        time, x, y = events[i]
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        scores[i] = score(model.predict(time, x), y)
        model.learn(time, x, y)
    return scores
