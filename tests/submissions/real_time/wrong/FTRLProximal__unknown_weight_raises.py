# task: FTRLProximal
# outcome: error
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def weight(self, index):
        return float(self._weights(np.array([self.rows[index]]))[0])
