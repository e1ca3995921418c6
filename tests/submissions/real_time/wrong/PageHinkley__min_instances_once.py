# task: PageHinkley
# outcome: wrong
# misconception: none
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self.ever = 0
        self._reset()
    def _reset(self):
        self.n, self.mean, self.m, self.low = 0, 0.0, 0.0, 0.0
    def update(self, x):
        self.ever += 1
        self.n += 1
        self.mean += (x - self.mean) / self.n
        self.m += x - self.mean - self.delta
        self.low = min(self.low, self.m)
        alarm = self.ever >= self.min_instances and self.m - self.low > self.threshold
        if alarm:
            self._reset()
        return alarm
