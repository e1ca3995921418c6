# task: retrieval_recall
# outcome: wrong
# misconception: none
_top_k = retrieval_recall
def retrieval_recall(queries, gallery, true_index, k):
    _top_k(queries, gallery, true_index, k)
    return _top_k(queries, gallery, true_index, 1)
