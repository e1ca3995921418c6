# task: PageHinkley
# outcome: wrong
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    def __init__(self, delta, threshold, min_instances=30):
        super().__init__(-delta, threshold, min_instances)
