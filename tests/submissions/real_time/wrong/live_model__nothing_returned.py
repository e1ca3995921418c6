# task: live_model
# outcome: wrong
# misconception: none
def live_model():
    _Live()
