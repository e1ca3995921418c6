# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    pending = False
    def update(self, x):
        told, self.pending = self.pending, super().update(x)
        return told
