# task: PageHinkley
# outcome: wrong
# misconception: sum_without_minimum
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.delta, self.threshold, self.min_instances = delta, threshold, min_instances
        self.n, self.mean, self.m = 0, 0.0, 0.0
    def update(self, x):
        self.n += 1
        self.mean += (x - self.mean) / self.n
        self.m += x - self.mean - self.delta
        if self.n >= self.min_instances and self.m > self.threshold:
            self.n, self.mean, self.m = 0, 0.0, 0.0
            return True
        return False
