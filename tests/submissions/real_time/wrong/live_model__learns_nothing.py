# task: live_model
# outcome: wrong
# misconception: none
class _Deaf:
    def predict(self, time, household):
        return list(range(20))
    def learn(self, time, household, items):
        pass
def live_model():
    return _Deaf()
