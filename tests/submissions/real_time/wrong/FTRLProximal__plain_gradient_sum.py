# task: FTRLProximal
# outcome: wrong
# misconception: without_sigma_w
_Right = FTRLProximal
class FTRLProximal(_Right):
    def learn(self, indices, y):
        present = sorted({int(i) for i in indices})
        g = self.predict(present) - y
        super().learn(present, y)
        rows = [self.rows[i] for i in present]
        if not hasattr(self, "sums"):
            self.sums = {}
        for i, row in zip(present, rows):
            self.sums[i] = self.sums.get(i, 0.0) + g
            self.z[row] = self.sums[i]
