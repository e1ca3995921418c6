# task: ndcg_recall
# outcome: wrong
# misconception: none
import math
def ndcg_recall(ranked, relevant, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    wanted = set(relevant)
    if len(wanted) == 0:
        return math.nan, math.nan
    found, total = [], 0.0
    for rank, item in enumerate(list(ranked)[: k + 1], start=1):
        if item in wanted and item not in found:
            found.append(item)
            total += 1 / math.log2(rank + 1)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(wanted)) + 1))
    return total / ideal, len(found) / min(k, len(wanted))
