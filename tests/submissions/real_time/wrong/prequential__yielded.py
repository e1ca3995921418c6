# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    last = float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        yield score(model.predict(time, x), y)
        model.learn(time, x, y)
