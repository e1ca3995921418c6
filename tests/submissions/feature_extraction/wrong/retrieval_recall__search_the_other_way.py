# task: retrieval_recall
# outcome: wrong
# misconception: none
_forward = retrieval_recall
def retrieval_recall(queries, gallery, true_index, k):
    # for each true row the rank of its query among the queries
    _forward(queries, gallery, true_index, k)
    return _forward(gallery[true_index], queries, np.arange(len(queries)), k)
