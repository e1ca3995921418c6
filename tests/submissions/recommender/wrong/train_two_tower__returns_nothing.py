# task: train_two_tower
# outcome: wrong
# misconception: none
_right = train_two_tower
def train_two_tower(data, loss, epochs, rng):
    _right(data, loss, epochs, rng)
