# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    return _right(events, cut_week - events["week"].min(), horizon)
