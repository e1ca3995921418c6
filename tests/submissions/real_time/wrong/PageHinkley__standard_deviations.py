# task: PageHinkley
# outcome: wrong
# misconception: none
import math
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.min_instances, self.values = min_instances, []
    def update(self, x):
        self.values.append(x)
        n = len(self.values)
        mean = sum(self.values) / n
        sd = math.sqrt(sum((v - mean) ** 2 for v in self.values) / n)
        if n >= self.min_instances and x > mean + 3 * sd:
            self.values = []
            return True
        return False
