# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    predictions, last = [], float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        predictions.append(model.predict(time, x))
        score(predictions[-1], y)
        model.learn(time, x, y)
    return predictions
