# task: temporal_split
# outcome: wrong
# misconception: random_split
import numpy as np
def temporal_split(events, cut_week, horizon):
    later = int((events["week"] >= cut_week).sum())
    rows = np.random.default_rng(1).permutation(len(events))
    history, targets = events.iloc[np.sort(rows[later:])], events.iloc[np.sort(rows[:later])]
    return history, targets[targets["household_id"].isin(history["household_id"])]
