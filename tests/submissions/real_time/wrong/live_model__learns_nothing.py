# task: live_model
# outcome: wrong
# misconception: same_for_all_households
class _Deaf:
    def predict(self, time, household):
        return list(range(20))
    def learn(self, time, household, items):
        pass
def live_model():
    return _Deaf()
