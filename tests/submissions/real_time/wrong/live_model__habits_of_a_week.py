# task: live_model
# outcome: wrong
# misconception: forgets_too_fast
def live_model():
    return _Live(habit=7.0)
