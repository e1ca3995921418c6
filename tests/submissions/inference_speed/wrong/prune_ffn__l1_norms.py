# task: prune_ffn
# outcome: wrong
# misconception: none
import torch
def prune_ffn(w_in, b_in, w_out, keep):
    importance = w_in.abs().sum(1) * w_out.abs().sum(0)
    kept = importance.topk(keep).indices
    return w_in[kept], b_in[kept], w_out[:, kept]
