# task: PageHinkley
# outcome: wrong
# misconception: delta_added
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self.n, self.total, self.m, self.low = 0, 0.0, 0.0, 0.0
    def update(self, x):
        self.n += 1
        self.total += x
        self.m += x - self.total / self.n + self.delta
        self.low = min(self.low, self.m)
        alarm = self.n >= self.min_instances and self.m - self.low > self.threshold
        if alarm:
            self.n, self.total, self.m, self.low = 0, 0.0, 0.0, 0.0
        return alarm
