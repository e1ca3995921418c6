# task: rerank_for_exposure
# outcome: not_attempted
# misconception: none
def rerank_for_exposure(scores, flagged, target_share, k):
    raise NotImplementedError
