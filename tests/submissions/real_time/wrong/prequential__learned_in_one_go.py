# task: prequential
# outcome: wrong
# misconception: learns_at_the_end
def prequential(events, model, score):
    scores, later, last = [], [], float("-inf")
    for event in events:
        time, x, y = event
        if time < last:
            raise ValueError(f"{time} after {last}")
        last = time
        scores.append(score(model.predict(time, x), y))
        later.append(event)
    for event in later:
        model.learn(*event)
    return scores
