# task: temporal_split
# outcome: wrong
# misconception: none
_right = temporal_split
def temporal_split(events, cut_week, horizon):
    frame = events.assign(in_future=events["week"] >= cut_week)
    return _right(frame, cut_week, horizon)
