# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    done = False
    def update(self, x):
        alarm = not self.done and super().update(x)
        self.done = self.done or alarm
        return alarm
