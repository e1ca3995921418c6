# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    events = events.sort_values("week", kind="stable")
    return _right(events, cut_week, horizon)
