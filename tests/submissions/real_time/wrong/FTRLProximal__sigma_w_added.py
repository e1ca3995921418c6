# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def learn(self, indices, y):
        present = np.unique(np.asarray(indices, dtype=np.int64))
        before = {i: (self.z[r], self.weight(i)) for i in present.tolist() if (r := self.rows.get(i)) is not None}
        g = self.predict(present) - y
        super().learn(present, y)
        for i, (z, w) in before.items():
            step = z + g - self.z[self.rows[i]]
            self.z[self.rows[i]] = z + g + step
