# task: temporal_split
# outcome: wrong
# misconception: target_week_leaks
def temporal_split(events, cut_week, horizon):
    # a week late in both
    history = events[events["week"] <= cut_week]
    targets = events[(events["week"] > cut_week) & (events["week"] <= cut_week + horizon)]
    return history, targets[targets["household_id"].isin(history["household_id"])]
