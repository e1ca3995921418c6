# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        margin = sum(self.weight(i) for i in indices)
        return float(0.5 + 0.5 * np.tanh(margin / 2))
    def learn(self, indices, y):
        super().learn(sorted(set(map(int, indices))), y)
