# task: retrieval_recall
# outcome: wrong
# misconception: none
def retrieval_recall(queries, gallery, true_index, k):
    # ties at random: a constant embedding gets k / n
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    cosine = _unit(queries.astype(float)) @ _unit(gallery.astype(float)).T
    true = cosine[np.arange(len(queries)), true_index][:, None]
    above = (cosine > true + 1e-9).sum(1)
    tied = (np.abs(cosine - true) <= 1e-9).sum(1)
    return float(np.clip((k - above) / tied, 0, 1).mean())
