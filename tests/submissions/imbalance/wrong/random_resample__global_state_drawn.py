# task: random_resample
# outcome: wrong
# misconception: global_seed
import numpy as np
import pandas as pd
def random_resample(X, y, strategy, rng):
    # pandas' sample without random_state uses np.random
    if strategy not in ("over", "under"):
        raise ValueError("strategy?")
    frame = pd.DataFrame({"row": np.arange(len(y)), "y": y})
    if frame.y.nunique() < 2:
        raise ValueError("one class")
    sizes = frame.y.value_counts()
    if strategy == "over":
        more = [g.sample(sizes.max() - len(g), replace=True) for _, g in frame.groupby("y")]
        rows = pd.concat([frame, *more]).row.to_numpy()
    else:
        rows = pd.concat([g.sample(sizes.min()) for _, g in frame.groupby("y")]).row.to_numpy()
    return X[rows], y[rows]
