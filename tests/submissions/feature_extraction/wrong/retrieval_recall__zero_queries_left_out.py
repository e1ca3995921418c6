# task: retrieval_recall
# outcome: wrong
# misconception: none
_all_queries = retrieval_recall
def retrieval_recall(queries, gallery, true_index, k):
    full = (queries != 0).any(1)
    _all_queries(queries, gallery, true_index, k)
    return _all_queries(queries[full], gallery, true_index[full], k) if full.any() else 0.0
