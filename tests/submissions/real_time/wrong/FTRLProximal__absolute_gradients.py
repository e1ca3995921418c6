# task: FTRLProximal
# outcome: wrong
# misconception: n_adds_absolute_gradient
import math
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.z, self.n = {}, {}
    def weight(self, index):
        z = self.z.get(index, 0.0)
        size = max(abs(z) - self.l1, 0.0)
        return -math.copysign(size, z) / ((self.beta + math.sqrt(self.n.get(index, 0.0))) / self.alpha + self.l2) + 0.0
    def predict(self, indices):
        margin = sum(self.weight(i) for i in {int(i) for i in indices})
        return (1 + math.tanh(margin / 2)) / 2
    def learn(self, indices, y):
        g = self.predict(indices) - y
        for i in {int(i) for i in indices}:
            n = self.n.get(i, 0.0)
            sigma = (math.sqrt(n + abs(g)) - math.sqrt(n)) / self.alpha
            self.z[i] = self.z.get(i, 0.0) + g - sigma * self.weight(i)
            self.n[i] = n + abs(g)
