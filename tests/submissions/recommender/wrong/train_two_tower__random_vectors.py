# task: train_two_tower
# outcome: wrong
# misconception: loss_not_used
class Model:
    pass
def train_two_tower(data, loss, epochs, rng):
    model = Model()
    model.user_vectors = rng.normal(size=(data["n_households"], 16))
    model.item_vectors = rng.normal(size=(data["n_items"], 16))
    return model
