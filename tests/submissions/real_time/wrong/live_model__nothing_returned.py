# task: live_model
# outcome: error
# misconception: none
def live_model():
    _Live()
