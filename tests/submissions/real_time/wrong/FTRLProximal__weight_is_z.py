# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def weight(self, index):
        row = self.rows.get(int(index))
        return 0.0 if row is None else float(self.z[row])
