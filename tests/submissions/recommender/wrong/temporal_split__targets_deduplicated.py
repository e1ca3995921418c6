# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    history, targets = _right(events, cut_week, horizon)
    return history, targets.drop_duplicates()
