# task: retrieval_recall
# outcome: wrong
# misconception: none
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    distance = ((queries.astype(float)[:, None] - gallery.astype(float)[None]) ** 2).sum(2)
    true = distance[np.arange(len(queries)), true_index][:, None]
    return float(((distance <= true + 1e-9).sum(1) <= k).mean())
