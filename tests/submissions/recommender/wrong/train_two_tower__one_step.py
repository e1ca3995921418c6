# task: train_two_tower
# outcome: wrong
# misconception: loss_not_used
_right = train_two_tower
def train_two_tower(data, loss, epochs, rng):
    few = {**data, "household": data["household"][:50], "item": data["item"][:50], "week": data["week"][:50]}
    return _right(few, loss, 1, rng)
