# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def _weights(self, rows):
        z, n = self.z[rows], self.n[rows]
        return -np.where(np.abs(z) > self.l1, z - self.l1, 0.0) / ((self.beta + np.sqrt(n)) / self.alpha + self.l2)
