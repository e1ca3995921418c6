# task: prequential
# outcome: wrong
# misconception: none
_right = prequential
def prequential(events, model, score):
    return [float("nan")] * len(_right(events, model, score))
