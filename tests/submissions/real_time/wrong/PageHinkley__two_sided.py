# task: PageHinkley
# outcome: wrong
# misconception: alarms_on_improvement
_Right = PageHinkley
class PageHinkley(_Right):
    def __init__(self, delta, threshold, min_instances=30):
        super().__init__(delta, threshold, min_instances)
        self.other = _Right(delta, threshold, min_instances)
    def update(self, x):
        worse, better = super().update(x), self.other.update(-x)
        if worse:
            self.other.values = []
        if better:
            self.values = []
        return worse or better
