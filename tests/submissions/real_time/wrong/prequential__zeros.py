# task: prequential
# outcome: wrong
# misconception: never_learns
def prequential(events, model, score):
    return [0.0 for event in events]
