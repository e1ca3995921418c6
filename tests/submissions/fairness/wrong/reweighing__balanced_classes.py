# task: reweighing
# outcome: wrong
# misconception: class_weights
from sklearn.utils.class_weight import compute_sample_weight
_right = reweighing
def reweighing(y, group):
    _right(y, group)
    return compute_sample_weight("balanced", y.astype(int))
