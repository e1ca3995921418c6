# task: temporal_split
# outcome: wrong
# misconception: silent_households_dropped
def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    targets = events[(events["week"] >= cut_week) & (events["week"] < cut_week + horizon)]
    targets = targets[targets["household_id"].isin(history["household_id"])]
    return history[history["household_id"].isin(targets["household_id"])], targets
