# task: live_model
# outcome: wrong
# misconception: shared_state
_model = _Live()
def live_model():
    return _model
