# task: PageHinkley
# outcome: wrong
# misconception: min_instances_ignored
_Right = PageHinkley
class PageHinkley(_Right):
    def __init__(self, delta, threshold, min_instances=30):
        super().__init__(delta, threshold, 0)
