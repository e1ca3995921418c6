# task: train_two_tower
# outcome: wrong
# misconception: global_seed
import torch
_right = train_two_tower
def train_two_tower(data, loss, epochs, rng):
    torch.manual_seed(int(rng.integers(2**31)))
    return _right(data, loss, epochs, rng)
