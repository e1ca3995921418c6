# task: rerank_for_exposure
# outcome: wrong
# misconception: none
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    return _right(scores, flagged, target_share, k) + 1
