# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    scores, last = [], None
    for time, x, y in events:
        if last is not None and time < last:
            raise ValueError("time runs backwards")
        guess = model.predict(time, y)
        scores.append(score(guess, y))
        model.learn(time, x, y)
        last = time
    return scores
