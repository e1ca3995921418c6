# task: DecayedCounter
# outcome: wrong
# misconception: none
import numpy as np
_Right = DecayedCounter
class DecayedCounter(_Right):
    def __init__(self, half_life):
        super().__init__(half_life)
        self.amounts, self.times = np.zeros(16, np.float32), np.zeros(16, np.float32)
