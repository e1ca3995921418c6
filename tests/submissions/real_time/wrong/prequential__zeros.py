# task: prequential
# outcome: wrong
# misconception: none
def prequential(events, model, score):
    return [0.0 for event in events]
