# task: temporal_split
# outcome: wrong
# misconception: horizon_ignored
def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    targets = events.drop(history.index) if events.index.is_unique else events[events["week"] >= cut_week]
    return history, targets[targets["household_id"].isin(history["household_id"])]
