# task: live_model
# outcome: wrong
# misconception: no_decay
from collections import Counter
from heapq import nlargest
class _Forever:
    def __init__(self):
        self.homes, self.shop, self.pool = {}, Counter(), set()
    def predict(self, time, household):
        own = self.homes.get(household, {})
        total = max(sum(own.values()), 1)
        rank = lambda item: (own.get(item, 0) / total, self.shop[item])
        return nlargest(20, self.pool.union(own), key=rank)
    def learn(self, time, household, items):
        self.homes.setdefault(household, Counter()).update(items)
        self.shop.update(items)
        self.pool.update(items)
        if len(self.pool) > 200:
            self.pool = set(nlargest(50, self.pool, key=self.shop.__getitem__))
def live_model():
    return _Forever()
