# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    scores, last = [], float("-inf")
    for time, x, y in events:
        if time < last:
            raise ValueError("time runs backwards")
        last = time
        guess = model.predict(time, x)
        scores.append(score(guess, y))
        model.learn(time, x, guess)
    return scores
