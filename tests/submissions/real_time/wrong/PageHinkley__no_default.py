# task: PageHinkley
# outcome: error
# misconception: none
_Right = PageHinkley
class PageHinkley(_Right):
    def __init__(self, delta, threshold, min_instances):
        super().__init__(delta, threshold, min_instances)
