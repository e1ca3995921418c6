# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        p = super().predict(indices)
        for i in map(int, indices):
            row = self.rows.get(i)
            if row is not None:
                self.n[row] += 1e-6
        return p
