# task: retrieval_recall
# outcome: wrong
# misconception: k_off_by_one
def retrieval_recall(queries, gallery, true_index, k):
    # the true row counts itself, so k - 1 others: off by one
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index][:, None]
    return float(((cosine >= true - 1e-9).sum(1) < k).mean())
