# task: retrieval_recall
# outcome: wrong
# misconception: none
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    q, g = queries.astype(float), gallery.astype(float)
    q = q / np.linalg.norm(q, axis=1, keepdims=True)
    g = g / np.linalg.norm(g, axis=1, keepdims=True)
    cosine = q @ g.T
    true = cosine[np.arange(len(queries)), true_index][:, None]
    return float(((cosine >= true - 1e-9).sum(1) <= k).mean())
