# task: live_model
# outcome: wrong
# misconception: same_for_all_households
class _OneHome(_Live):
    def predict(self, time, household):
        return super().predict(time, 0)
    def learn(self, time, household, items):
        super().learn(time, 0, items)
def live_model():
    return _OneHome()
