# task: prequential
# outcome: not_attempted
# misconception: none
def prequential(events, model, score):
    raise NotImplementedError
