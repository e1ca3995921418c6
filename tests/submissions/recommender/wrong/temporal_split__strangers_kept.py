# task: temporal_split
# outcome: wrong
# misconception: strangers_in_targets
def temporal_split(events, cut_week, horizon):
    history = events.query("week < @cut_week")
    return history, events.query("@cut_week <= week < @cut_week + @horizon")
