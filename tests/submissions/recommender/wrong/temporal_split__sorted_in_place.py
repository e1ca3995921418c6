# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    order = events.index
    history, targets = _right(events, cut_week, horizon)
    events.sort_values(["week", "household_id"], inplace=True)
    return history, targets
