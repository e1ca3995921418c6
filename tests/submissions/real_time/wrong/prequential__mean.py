# task: prequential
# outcome: wrong
# misconception: none
_right = prequential
def prequential(events, model, score):
    scores = _right(events, model, score)
    return sum(scores) / max(len(scores), 1)
