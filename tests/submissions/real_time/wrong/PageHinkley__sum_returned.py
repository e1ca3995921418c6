# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    def update(self, x):
        return 5.5 if super().update(x) else 0.25
