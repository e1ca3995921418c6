# task: FTRLProximal
# outcome: wrong
# misconception: none
import math
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.w, self.n = {}, {}
    def weight(self, index):
        return self.w.get(int(index), 0.0)
    def predict(self, indices):
        margin = sum(self.weight(i) for i in set(map(int, indices)))
        return (1 + math.tanh(margin / 2)) / 2
    def learn(self, indices, y):
        g = self.predict(indices) - y
        for i in set(map(int, indices)):
            self.n[i] = self.n.get(i, 0.0) + g * g
            rate = self.alpha / (self.beta + math.sqrt(self.n[i]))
            w = self.weight(i) * (1 - rate * self.l2) - rate * g
            self.w[i] = math.copysign(max(abs(w) - rate * self.l1, 0.0), w)
