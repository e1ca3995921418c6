# task: temporal_split
# outcome: wrong
# misconception: horizon_too_long
def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    targets = events[events["week"].between(cut_week, cut_week + horizon)]
    return history, targets[targets["household_id"].isin(history["household_id"])]
