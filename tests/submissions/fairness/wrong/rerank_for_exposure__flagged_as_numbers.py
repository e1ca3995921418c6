# task: rerank_for_exposure
# outcome: error
# misconception: none
def rerank_for_exposure(scores, flagged, target_share, k):
    # flagged taken for a list of item numbers, and k more of them than there are
    chosen = [int(i) for i in flagged][k + len(flagged)]
    return scores.argsort(1)[:, :k] + chosen
