# task: FTRLProximal
# outcome: wrong
# misconception: without_zeroing
_Right = FTRLProximal
class FTRLProximal(_Right):
    def _weights(self, rows):
        z, n = self.z[rows], self.n[rows]
        return (np.sign(z) * self.l1 - z) / ((self.beta + np.sqrt(n)) / self.alpha + self.l2)
