# task: train_two_tower
# outcome: wrong
# misconception: loss_not_used
_right, _own = train_two_tower, sampled_softmax
def train_two_tower(data, loss, epochs, rng):
    return _right(data, _own, epochs, rng)
