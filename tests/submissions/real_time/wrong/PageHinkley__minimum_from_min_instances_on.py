# task: PageHinkley
# outcome: wrong
# misconception: none
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self._reset()
    def _reset(self):
        self.n, self.mean, self.m, self.low = 0, 0.0, 0.0, float("inf")
    def update(self, x):
        self.n += 1
        self.mean += (x - self.mean) / self.n
        self.m += x - self.mean - self.delta
        if self.n < self.min_instances:
            return False
        self.low = min(self.low, self.m)
        if self.m - self.low > self.threshold:
            self._reset()
            return True
        return False
