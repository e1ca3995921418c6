# task: prune_ffn
# outcome: wrong
# misconception: none
import torch
def prune_ffn(w_in, b_in, w_out, keep):
    importance = w_in.norm(dim=1) * w_out.norm(dim=0)
    kept = importance.topk(keep).indices
    return w_in[kept], b_in[:keep], w_out[:, kept]
