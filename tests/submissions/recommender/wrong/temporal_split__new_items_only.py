# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    history, targets = _right(events, cut_week, horizon)
    bought = set(zip(history["household_id"], history["item_id"]))
    new = [pair not in bought for pair in zip(targets["household_id"], targets["item_id"])]
    return history, targets[new]
