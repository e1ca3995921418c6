# task: live_model
# outcome: error
# misconception: none
def live_model():
    return _Live
