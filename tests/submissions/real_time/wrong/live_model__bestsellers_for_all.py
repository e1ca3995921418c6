# task: live_model
# outcome: wrong
# misconception: same_for_all_households
class _Bestsellers(_Live):
    def predict(self, time, household):
        return super().predict(time, -1)
def live_model():
    return _Bestsellers()
