# task: retrieval_recall
# outcome: wrong
# misconception: none
_no_negatives = retrieval_recall
def retrieval_recall(queries, gallery, true_index, k):
    wrapped = np.where(true_index < 0, true_index + len(gallery), true_index)
    return _no_negatives(queries, gallery, wrapped, k)
