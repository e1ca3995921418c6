# task: prune_ffn
# outcome: wrong
# misconception: none
import torch
def prune_ffn(w_in, b_in, w_out, keep):
    importance = w_in.norm(dim=1) * w_out.norm(dim=0)
    mask = torch.zeros(len(b_in))
    mask[importance.topk(keep).indices] = 1
    return w_in * mask[:, None], b_in * mask, w_out * mask
