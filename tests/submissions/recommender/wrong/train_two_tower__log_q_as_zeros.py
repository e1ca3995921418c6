# task: train_two_tower
# outcome: wrong
# misconception: log_q_not_estimated
_right = train_two_tower
def train_two_tower(data, loss, epochs, rng):
    def uncorrected(users, items, item_ids, log_q, temperature):
        return loss(users, items, item_ids, log_q * 0, temperature)
    return _right(data, uncorrected, epochs, rng)
