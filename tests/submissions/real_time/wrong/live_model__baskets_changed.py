# task: live_model
# outcome: wrong
# misconception: none
class _Sorting(_Live):
    def learn(self, time, household, items):
        super().learn(time, household, items)
        items.clear()
def live_model():
    return _Sorting()
