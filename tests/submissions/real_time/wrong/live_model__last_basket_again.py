# task: live_model
# outcome: wrong
# misconception: forgets_too_fast
class _Again:
    def __init__(self):
        self.last = {}
    def predict(self, time, household):
        return self.last.get(household, [])[:20]
    def learn(self, time, household, items):
        self.last[household] = list(items)
def live_model():
    return _Again()
