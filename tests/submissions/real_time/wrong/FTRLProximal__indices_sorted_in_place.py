# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def learn(self, indices, y):
        indices.sort()
        super().learn(indices, y)
