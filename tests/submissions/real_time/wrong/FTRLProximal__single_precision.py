# task: FTRLProximal
# outcome: wrong
# misconception: none
import numpy as np
_Right = FTRLProximal
class FTRLProximal(_Right):
    def __init__(self, alpha, beta, l1, l2):
        super().__init__(alpha, beta, l1, l2)
        self.z, self.n = np.zeros(16, np.float32), np.zeros(16, np.float32)
