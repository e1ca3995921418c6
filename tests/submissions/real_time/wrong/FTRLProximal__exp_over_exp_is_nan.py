# task: FTRLProximal
# outcome: wrong
# misconception: none
import numpy as np
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        margin = sum(self.weight(i) for i in {int(i) for i in indices})
        with np.errstate(all="ignore"):
            return float(np.exp(margin) / (1 + np.exp(margin)))
