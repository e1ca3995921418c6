# task: retrieval_recall
# outcome: wrong
# misconception: none
_kept_recall = retrieval_recall
def retrieval_recall(queries, gallery, true_index, k):
    recall = _kept_recall(queries, gallery, true_index, k)
    gallery /= np.maximum(np.linalg.norm(gallery, axis=1, keepdims=True), 1e-12)
    return recall
