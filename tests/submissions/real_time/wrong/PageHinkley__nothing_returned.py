# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    def update(self, x):
        self.alarm = super().update(x)
