# task: live_model
# outcome: wrong
# misconception: no_decay
class _Frozen(_Live):
    def learn(self, time, household, items):
        if time < 56:
            super().learn(time, household, items)
def live_model():
    return _Frozen()
