# task: prune_ffn
# outcome: wrong
# misconception: none
import torch
def prune_ffn(w_in, b_in, w_out, keep):
    importance = w_in.norm(dim=1) * w_out.norm(dim=0)
    order = importance.argsort(descending=True)
    kept = (w_in[order[:keep]], b_in[order[:keep]], w_out[:, order[:keep]])
    w_in[order[keep:]] = 0
    b_in[order[keep:]] = 0
    return kept
