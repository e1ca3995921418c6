# task: retrieval_recall
# outcome: wrong
# misconception: ties_for_the_model
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index]
    return float(((cosine > true[:, None] + 1e-9).sum(1) < k).mean())
