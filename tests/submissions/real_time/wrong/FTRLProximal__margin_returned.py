# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        p = super().predict(indices)
        return float(np.log(max(p, 1e-300) / max(1 - p, 1e-300)))
