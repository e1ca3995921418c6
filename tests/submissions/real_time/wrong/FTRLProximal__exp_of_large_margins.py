# task: FTRLProximal
# outcome: error
# misconception: none
import math
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        margin = sum(self.weight(i) for i in {int(i) for i in indices})
        return 1 / (1 + math.exp(-margin))
