# task: FTRLProximal
# outcome: wrong
# misconception: updates_absent_features
import math
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.zn = {}
    def weight(self, index):
        z, n = self.zn.get(int(index), (0.0, 0.0))
        if abs(z) <= self.l1:
            return 0.0
        return -(z - math.copysign(self.l1, z)) / (self.l2 + (self.beta + n**0.5) / self.alpha)
    def predict(self, indices):
        margin = math.fsum(self.weight(i) for i in set(map(int, indices)))
        e = math.exp(-abs(margin))
        return 1 / (1 + e) if margin > 0 else e / (1 + e)
    def learn(self, indices, y):
        g = self.predict(indices) - y
        for i in set(map(int, indices)) | set(self.zn):
            z, n = self.zn.get(i, (0.0, 0.0))
            sigma = ((n + g * g) ** 0.5 - n**0.5) / self.alpha
            self.zn[i] = z + g - sigma * self.weight(i), n + g * g
