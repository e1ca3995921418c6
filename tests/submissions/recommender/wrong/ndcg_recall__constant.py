# task: ndcg_recall
# outcome: wrong
# misconception: none
def ndcg_recall(ranked, relevant, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    return (0.5, 0.5) if len(relevant) else (float("nan"), float("nan"))
