# task: FTRLProximal
# outcome: wrong
# misconception: none
import math
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.z, self.n, self.w = {}, {}, {}
    def weight(self, index):
        return self.w.get(index, 0.0)
    def predict(self, indices):
        margin = sum(self.weight(i) for i in {int(i) for i in indices})
        return (1 + math.tanh(margin / 2)) / 2
    def learn(self, indices, y):
        g = self.predict(indices) - y
        for i in {int(i) for i in indices}:
            z, n = self.z.get(i, 0.0), self.n.get(i, 0.0)
            rate = (self.beta + math.sqrt(n)) / self.alpha + self.l2
            self.w[i] = 0.0 if abs(z) <= self.l1 else (math.copysign(self.l1, z) - z) / rate
            sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / self.alpha
            self.z[i] = z + g - sigma * self.w[i]
            self.n[i] = n + g * g
