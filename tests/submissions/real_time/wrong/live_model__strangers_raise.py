# task: live_model
# outcome: error
# misconception: none
class _Known(_Live):
    def predict(self, time, household):
        return [] if not self.homes else self.homes[household] and super().predict(time, household)
def live_model():
    return _Known()
