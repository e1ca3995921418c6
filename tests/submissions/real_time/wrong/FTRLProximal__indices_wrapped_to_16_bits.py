# task: FTRLProximal
# outcome: wrong
# misconception: none
_Right = FTRLProximal
class FTRLProximal(_Right):
    def predict(self, indices):
        return super().predict([int(i) % 2**16 for i in indices])
    def learn(self, indices, y):
        super().learn([int(i) % 2**16 for i in indices], y)
    def weight(self, index):
        return super().weight(index % 2**16)
