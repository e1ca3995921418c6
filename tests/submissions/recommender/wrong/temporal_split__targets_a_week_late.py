# task: temporal_split
# outcome: wrong
# misconception: cut_week_lost
def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    ahead = events["week"] - cut_week
    targets = events[(ahead >= 1) & (ahead <= horizon)]
    return history, targets[targets["household_id"].isin(history["household_id"])]
