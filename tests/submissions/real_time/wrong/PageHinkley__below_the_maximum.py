# task: PageHinkley
# outcome: wrong
# misconception: none
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self._reset()
    def _reset(self):
        self.n, self.mean, self.m, self.high = 0, 0.0, 0.0, 0.0
    def update(self, x):
        self.n += 1
        self.mean += (x - self.mean) / self.n
        self.m += x - self.mean + self.delta
        self.high = max(self.high, self.m)
        if self.n >= self.min_instances and self.high - self.m > self.threshold:
            self._reset()
            return True
        return False
