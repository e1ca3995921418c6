# task: retrieval_recall
# outcome: wrong
# misconception: none
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index][:, None]
    return float(((cosine >= true - 0.01).sum(1) <= k).mean())
