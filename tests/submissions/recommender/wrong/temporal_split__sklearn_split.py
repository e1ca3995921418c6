# task: temporal_split
# outcome: wrong
# misconception: random_split
from sklearn.model_selection import train_test_split
def temporal_split(events, cut_week, horizon):
    share = (events["week"] >= cut_week).mean()
    if not 0 < share < 1:
        return events, events[:0]
    history, targets = train_test_split(events, test_size=share, random_state=0)
    return history, targets[targets["household_id"].isin(history["household_id"])]
