# task: temporal_split
# outcome: wrong
# misconception: none
import numpy as np
def temporal_split(events, cut_week, horizon):
    # takes for granted that the rows are in time order
    start = int(np.searchsorted(events["week"].to_numpy(), cut_week))
    stop = int(np.searchsorted(events["week"].to_numpy(), cut_week + horizon))
    history, targets = events.iloc[:start], events.iloc[start:stop]
    return history, targets[targets["household_id"].isin(history["household_id"])]
