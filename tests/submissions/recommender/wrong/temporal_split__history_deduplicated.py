# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    history, targets = _right(events.drop_duplicates(), cut_week, horizon)
    return history, _right(events, cut_week, horizon)[1]
