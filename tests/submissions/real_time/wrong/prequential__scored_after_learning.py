# task: prequential
# outcome: wrong
# misconception: scores_after_learning
def prequential(events, model, score):
    result, last = [], float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        guess = model.predict(time, x)
        model.learn(time, x, y)
        result.append(score(guess, y))
    return result
