# task: retrieval_recall
# outcome: wrong
# misconception: single_precision
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    cosine = _unit(queries.astype(np.float32)) @ _unit(gallery.astype(np.float32)).T
    true = cosine[np.arange(len(queries)), true_index][:, None]
    return float(((cosine >= true - np.float32(1e-9)).sum(1) <= k).mean())
