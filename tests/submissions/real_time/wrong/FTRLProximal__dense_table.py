# task: FTRLProximal
# outcome: error
# misconception: none
import numpy as np
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        self.alpha, self.beta, self.l1, self.l2 = alpha, beta, l1, l2
        self.z, self.n = np.zeros(2**16), np.zeros(2**16)
    def _w(self, i):
        size = np.maximum(np.abs(self.z[i]) - self.l1, 0.0)
        return -np.sign(self.z[i]) * size / ((self.beta + np.sqrt(self.n[i])) / self.alpha + self.l2)
    def weight(self, index):
        return float(self._w(index))
    def predict(self, indices):
        i = np.unique(np.asarray(indices, dtype=int))
        return float(0.5 + 0.5 * np.tanh(self._w(i).sum() / 2))
    def learn(self, indices, y):
        i = np.unique(np.asarray(indices, dtype=int))
        g, w, n = self.predict(i) - y, self._w(i), self.n[i]
        self.z[i] += g - (np.sqrt(n + g * g) - np.sqrt(n)) / self.alpha * w
        self.n[i] = n + g * g
