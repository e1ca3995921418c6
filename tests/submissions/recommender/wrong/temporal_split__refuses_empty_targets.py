# task: temporal_split
# outcome: error
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    history, targets = _right(events, cut_week, horizon)
    if targets.empty or history.empty:
        raise ValueError("nothing to learn from or to predict")
    return history, targets
