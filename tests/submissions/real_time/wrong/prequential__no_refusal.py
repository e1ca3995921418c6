# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    scores = []
    for time, x, y in events:
        scores.append(score(model.predict(time, x), y))
        model.learn(time, x, y)
    return scores
