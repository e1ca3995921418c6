# task: prune_ffn
# outcome: wrong
# misconception: sides_in_different_orders
import torch
def prune_ffn(w_in, b_in, w_out, keep):
    importance = w_in.norm(dim=1) * w_out.norm(dim=0)
    kept = importance.topk(keep).indices
    return w_in[kept], b_in[kept], w_out[:, kept.sort().values]
