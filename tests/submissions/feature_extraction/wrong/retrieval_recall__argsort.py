# task: retrieval_recall
# outcome: wrong
# misconception: ties_in_row_order
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    best = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    return float((best == true_index[:, None]).any(1).mean())
