# task: live_model
# outcome: wrong
# misconception: none
class _Twenty(_Live):
    def predict(self, time, household):
        best = super().predict(time, household)
        return best[:1] * len(best)
def live_model():
    return _Twenty()
