# task: prequential
# outcome: wrong
# misconception: never_learns
def prequential(events, model, score):
    last, scores = float("-inf"), []
    for time, x, y in events:
        if time < last:
            raise ValueError("an event is earlier than the one before it")
        last = time
        scores.append(score(model.predict(time, x), y))
    return scores
