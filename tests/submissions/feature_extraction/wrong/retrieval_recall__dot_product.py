# task: retrieval_recall
# outcome: wrong
# misconception: dot_product
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    scores = queries.astype(float) @ gallery.astype(float).T
    true = scores[np.arange(len(queries)), true_index][:, None]
    return float(((scores >= true - 1e-9).sum(1) <= k).mean())
