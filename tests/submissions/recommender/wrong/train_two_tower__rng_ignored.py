# task: train_two_tower
# outcome: wrong
# misconception: none
import numpy as np
_right = train_two_tower
def train_two_tower(data, loss, epochs, rng):
    return _right(data, loss, epochs, np.random.default_rng(0))
