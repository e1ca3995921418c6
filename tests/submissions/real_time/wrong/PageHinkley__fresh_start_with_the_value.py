# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    def update(self, x):
        alarm = super().update(x)
        if alarm:
            super().update(x)
        return alarm
