# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        return super().predict([*indices, 2**40])
    def learn(self, indices, y):
        super().learn([*indices, 2**40], y)
