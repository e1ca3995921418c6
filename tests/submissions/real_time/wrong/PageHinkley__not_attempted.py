# task: PageHinkley
# outcome: not_attempted
# misconception: none
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        raise NotImplementedError
    def update(self, x):
        raise NotImplementedError
