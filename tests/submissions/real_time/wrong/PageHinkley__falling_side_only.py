# task: PageHinkley
# outcome: wrong
# misconception: alarms_on_improvement
_Right = PageHinkley
class PageHinkley(_Right):
    def update(self, x):
        return super().update(-x)
