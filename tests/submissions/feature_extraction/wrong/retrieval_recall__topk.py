# task: retrieval_recall
# outcome: wrong
# misconception: ties_in_row_order
def retrieval_recall(queries, gallery, true_index, k):
    if k < 1 or true_index.min() < 0 or true_index.max() >= len(gallery):
        raise ValueError("bad input")
    q, g = (F.normalize(torch.tensor(x).double()) for x in (queries, gallery))
    best = (q @ g.T).topk(min(k, len(gallery)), dim=1).indices.numpy()
    return float((best == true_index[:, None]).any(1).mean())
