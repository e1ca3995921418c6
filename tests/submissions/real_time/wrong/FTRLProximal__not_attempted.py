# task: FTRLProximal
# outcome: not_attempted
# misconception: none
class FTRLProximal:
    def __init__(self, alpha, beta, l1, l2):
        raise NotImplementedError
    def predict(self, indices):
        raise NotImplementedError
    def learn(self, indices, y):
        raise NotImplementedError
    def weight(self, index):
        raise NotImplementedError
