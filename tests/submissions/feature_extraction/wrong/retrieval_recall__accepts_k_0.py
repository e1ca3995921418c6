# task: retrieval_recall
# outcome: wrong
# misconception: none
_positive_k = retrieval_recall
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1:
        return 0.0
    return _positive_k(queries, gallery, true_index, k)
