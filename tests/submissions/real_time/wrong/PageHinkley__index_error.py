# task: PageHinkley
# outcome: error
# misconception: none
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        self.values = []
    def update(self, x):
        return self.values[-1] > x
