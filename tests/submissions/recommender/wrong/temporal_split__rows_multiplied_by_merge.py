# task: temporal_split
# outcome: wrong
# misconception: none
def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    targets = events[(events["week"] >= cut_week) & (events["week"] < cut_week + horizon)]
    targets = targets.merge(history[["household_id"]], on="household_id")
    return history, targets[list(events.columns)]
