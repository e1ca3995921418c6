# task: temporal_split
# outcome: error
# misconception: none
def temporal_split(events, cut_week, horizon):
    history = events[events["week"] < cut_week]
    return history, event[events["week"] >= cut_week]
