# task: live_model
# outcome: wrong
# misconception: none
class _More(_Live):
    def predict(self, time, household):
        best = super().predict(time, household)
        return best + [item for item in self.items[:30] if item not in best][:5]
def live_model():
    return _More()
