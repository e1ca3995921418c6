# task: PageHinkley
# outcome: wrong
# misconception: none
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.level = delta + threshold
    def update(self, x):
        return x > self.level
