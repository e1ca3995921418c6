# task: temporal_split
# outcome: not_attempted
# misconception: none
def temporal_split(events, cut_week, horizon):
    raise NotImplementedError
