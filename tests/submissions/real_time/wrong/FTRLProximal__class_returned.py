# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        return int(super().predict(indices) > 0.5)
