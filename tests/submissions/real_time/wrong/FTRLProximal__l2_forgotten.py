# task: FTRLProximal
# outcome: wrong
# misconception: without_l2
_Right = FTRLProximal
class FTRLProximal(_Right):
    def __init__(self, alpha, beta, l1, l2):
        super().__init__(alpha, beta, l1, 0.0)
