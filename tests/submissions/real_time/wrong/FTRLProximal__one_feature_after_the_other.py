# task: FTRLProximal
# outcome: wrong
# misconception: none
import math
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.z, self.n = {}, {}
    def weight(self, index):
        z, n = self.z.get(int(index), 0.0), self.n.get(int(index), 0.0)
        rate = (self.beta + math.sqrt(n)) / self.alpha + self.l2
        return 0.0 if abs(z) <= self.l1 else (math.copysign(self.l1, z) - z) / rate
    def predict(self, indices):
        margin = sum(self.weight(i) for i in set(map(int, indices)))
        return (1 + math.tanh(margin / 2)) / 2
    def learn(self, indices, y):
        for i in dict.fromkeys(map(int, indices)):
            g = self.predict(indices) - y
            z, n = self.z.get(i, 0.0), self.n.get(i, 0.0)
            sigma = (math.sqrt(n + g * g) - math.sqrt(n)) / self.alpha
            self.z[i], self.n[i] = z + g - sigma * self.weight(i), n + g * g
