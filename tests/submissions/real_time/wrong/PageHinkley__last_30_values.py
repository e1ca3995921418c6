# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    def update(self, x):
        self.values = self.values[-99:]
        return super().update(x)
