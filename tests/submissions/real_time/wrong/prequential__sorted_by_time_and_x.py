# task: prequential
# outcome: wrong
# misconception: order_lost
def prequential(events, model, score):
    scores = []
    for time, x, y in sorted(events, key=lambda event: (event[0], str(event[1]))):
        scores.append(score(model.predict(time, x), y))
        model.learn(time, x, y)
    return scores
