# task: rerank_for_exposure
# outcome: error
# misconception: none
_right = rerank_for_exposure
def rerank_for_exposure(scores, flagged, target_share, k):
    if not 0.05 < target_share < 0.95:
        raise ValueError("not a share")
    return _right(scores, flagged, target_share, k)
