# task: prequential
# outcome: timed_out
# misconception: none
def prequential(events, model, score):
    scores = []
    events = iter(events)
    event = next(events)
    while event is not None:
        time, x, y = event
        scores.append(0.0)
    return scores
