# task: train_two_tower
# outcome: wrong
# misconception: none
_right = train_two_tower
class Swapped:
    def __init__(self, model):
        self.user_vectors, self.item_vectors = model.item_vectors, model.user_vectors
def train_two_tower(data, loss, epochs, rng):
    return Swapped(_right(data, loss, epochs, rng))
