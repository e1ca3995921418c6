# task: FTRLProximal
# outcome: wrong
# misconception: none
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        pass
    def predict(self, indices):
        return float("nan") if len(indices) else 0.5
    def learn(self, indices, y):
        pass
    def weight(self, index):
        return float("nan")
