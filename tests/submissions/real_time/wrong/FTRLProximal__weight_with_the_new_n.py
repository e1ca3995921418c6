# task: FTRLProximal
# outcome: wrong
# misconception: none
import math
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.p, self.z, self.n = (alpha, beta, l1, l2), {}, {}
    def weight(self, index):
        alpha, beta, l1, l2 = self.p
        z, n = self.z.get(index, 0.0), self.n.get(index, 0.0)
        if abs(z) <= l1:
            return 0.0
        return (math.copysign(l1, z) - z) / ((beta + math.sqrt(n)) / alpha + l2)
    def predict(self, indices):
        s = sum(self.weight(i) for i in {int(i) for i in indices})
        return 0.5 + 0.5 * math.tanh(s / 2)
    def learn(self, indices, y):
        g = self.predict(indices) - y
        for i in {int(i) for i in indices}:
            old = self.n.get(i, 0.0)
            self.n[i] = old + g * g
            sigma = (math.sqrt(self.n[i]) - math.sqrt(old)) / self.p[0]
            self.z[i] = self.z.get(i, 0.0) + g - sigma * self.weight(i)
