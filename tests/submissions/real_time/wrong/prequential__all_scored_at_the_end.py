# task: prequential
# outcome: wrong
# misconception: scores_after_learning
def prequential(events, model, score):
    pairs, last = [], float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        pairs.append((model.predict(time, x), y))
        model.learn(time, x, y)
    return [score(*pair) for pair in pairs]
