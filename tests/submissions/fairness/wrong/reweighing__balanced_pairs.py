# task: reweighing
# outcome: wrong
# misconception: weights_of_pairs
import pandas as pd
from sklearn.utils.class_weight import compute_sample_weight
_right = reweighing
def reweighing(y, group):
    # every pair of group and label weighs the same: groups become equally large, and half are ones
    _right(y, group)
    pair = pd.Series(group).astype(str) + "/" + pd.Series(y).astype(int).astype(str)
    return compute_sample_weight("balanced", pair.to_numpy())
