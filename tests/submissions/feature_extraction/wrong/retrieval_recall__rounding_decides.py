# task: retrieval_recall
# outcome: wrong
# misconception: none
def retrieval_recall(queries, gallery, true_index, k):
    # equal directions of different lengths: without a tolerance the last digit breaks the tie
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index][:, None]
    return float(((cosine >= true).sum(1) <= k).mean())
