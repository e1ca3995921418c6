# task: train_two_tower
# outcome: wrong
# misconception: loss_not_used
import numpy as np
class Model:
    pass
def train_two_tower(data, loss, epochs, rng):
    count = np.bincount(data["item"], minlength=data["n_items"]).astype(float)
    model = Model()
    model.user_vectors = np.ones((data["n_households"], 1)) + 0.1 * rng.random((data["n_households"], 1))
    model.item_vectors = count[:, None]
    return model
