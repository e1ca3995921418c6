# task: live_model
# outcome: not_attempted
# misconception: none
def live_model():
    raise NotImplementedError
