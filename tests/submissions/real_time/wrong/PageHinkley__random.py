# task: PageHinkley
# outcome: wrong
# misconception: none
import random
class PageHinkley:
    def __init__(self, delta, threshold, min_instances=30):
        pass
    def update(self, x):
        return random.random() < 0.01
