# task: live_model
# outcome: wrong
# misconception: sorts_the_catalogue
class _Scores:
    def __init__(self):
        self.homes, self.sold, self.total = {}, {}, 0.0
    def predict(self, time, household):
        own, faded = self.homes.get(household, {}), 2 ** (-time / 84)
        score = lambda item: own.get(item, 0.0) * faded + 200 * self.sold[item] / self.total
        return sorted(self.sold, key=score)[:-21:-1]
    def learn(self, time, household, items):
        own = self.homes.setdefault(household, {})
        for item in items:
            own[item] = own.get(item, 0.0) + 2 ** (time / 84)
            self.sold[item] = self.sold.get(item, 0.0) + 2 ** (time / 7)
            self.total += 2 ** (time / 7)
def live_model():
    return _Scores()
