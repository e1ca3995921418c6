# task: prequential
# outcome: wrong
# misconception: order_lost
def prequential(events, model, score):
    scores = []
    for time, x, y in reversed(list(events)):
        scores.append(score(model.predict(time, x), y))
        model.learn(time, x, y)
    return scores[::-1]
