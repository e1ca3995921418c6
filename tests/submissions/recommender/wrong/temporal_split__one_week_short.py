# task: temporal_split
# outcome: wrong
# misconception: none
def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    targets = events[(events["week"] >= cut_week) & (events["week"] < cut_week + max(1, horizon - 1))]
    return history, targets[targets["household_id"].isin(history["household_id"])]
