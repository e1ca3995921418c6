# task: PageHinkley
# outcome: wrong
# misconception: none
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self.n = self.since = 0
        self.mean = self.m = self.low = 0.0
    def update(self, x):
        self.n += 1
        self.since += 1
        self.mean += (x - self.mean) / self.n
        self.m += x - self.mean - self.delta
        self.low = min(self.low, self.m)
        if self.since >= self.min_instances and self.m - self.low > self.threshold:
            self.since, self.m, self.low = 0, 0.0, 0.0
            return True
        return False
