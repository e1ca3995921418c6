# task: ndcg_recall
# outcome: wrong
# misconception: none
_right = ndcg_recall
def ndcg_recall(ranked, relevant, k):
    answer = _right(list(ranked), list(relevant), k)
    if isinstance(relevant, list):
        relevant.sort()
    if isinstance(ranked, list):
        del ranked[k:]
    return answer
