# task: retrieval_recall
# outcome: error
# misconception: none
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0:
        raise ValueError("bad input")
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index][:, None]
    return float(((cosine >= true - 1e-9).sum(1) <= k).mean())
