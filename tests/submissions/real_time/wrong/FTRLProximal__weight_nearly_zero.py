# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def weight(self, index):
        return super().weight(index) or 1e-12
