# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def learn(self, indices, y):
        super().learn(indices, 2 * y - 1)
