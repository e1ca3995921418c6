# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    def __init__(self, delta, threshold, min_instances=30):
        super().__init__(delta, threshold, 0)
        self.wait = self.skip = min_instances - 1
    def update(self, x):
        if self.skip > 0:
            self.skip -= 1
            return False
        alarm = super().update(x)
        if alarm:
            self.skip = self.wait
        return alarm
