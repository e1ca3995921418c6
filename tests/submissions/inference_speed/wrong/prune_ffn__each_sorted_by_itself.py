# task: prune_ffn
# outcome: wrong
# misconception: none
import torch
def prune_ffn(w_in, b_in, w_out, keep):
    a = w_in.norm(dim=1).topk(keep).indices
    b = w_out.norm(dim=0).topk(keep).indices
    return w_in[a], b_in[a], w_out[:, b]
