# task: temporal_split
# outcome: wrong
# misconception: none
def temporal_split(events, cut_week, horizon):
    # a new item is what is to be predicted, or at least may be
    history = events[events["week"] < cut_week]
    targets = events[(events["week"] >= cut_week) & (events["week"] < cut_week + horizon)]
    targets = targets[targets["household_id"].isin(history["household_id"])]
    return history, targets[targets["item_id"].isin(history["item_id"])]
