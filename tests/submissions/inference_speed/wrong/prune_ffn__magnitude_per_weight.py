# task: prune_ffn
# outcome: wrong
# misconception: none
import torch
def prune_ffn(w_in, b_in, w_out, keep):
    share = keep / len(b_in)
    def cut(w):
        limit = w.abs().flatten().quantile(1 - share)
        return torch.where(w.abs() >= limit, w, 0.0)
    return cut(w_in), b_in, cut(w_out)
