# task: FTRLProximal
# outcome: wrong
# misconception: none
import random
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        pass
    def predict(self, indices):
        return random.random()
    def learn(self, indices, y):
        pass
    def weight(self, index):
        return random.gauss(0, 1)
