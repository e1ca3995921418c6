# task: train_two_tower
# outcome: wrong
# misconception: log_q_inverted
_right = train_two_tower
def train_two_tower(data, loss, epochs, rng):
    def inverted(users, items, item_ids, log_q, temperature):
        return loss(users, items, item_ids, -log_q, temperature)
    return _right(data, inverted, epochs, rng)
