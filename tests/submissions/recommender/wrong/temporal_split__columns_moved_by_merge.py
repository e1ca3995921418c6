# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    history, targets = _right(events, cut_week, horizon)
    households = history[["household_id"]].drop_duplicates()
    return history, households.merge(targets, on="household_id", how="inner")
