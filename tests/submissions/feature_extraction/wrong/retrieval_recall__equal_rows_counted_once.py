# task: retrieval_recall
# outcome: wrong
# misconception: ties_in_row_order
_every_row = retrieval_recall
def retrieval_recall(queries, gallery, true_index, k):
    _every_row(queries, gallery, true_index, k)
    distinct, number = np.unique(gallery, axis=0, return_inverse=True)
    return _every_row(queries, distinct, number.ravel()[true_index], k)
