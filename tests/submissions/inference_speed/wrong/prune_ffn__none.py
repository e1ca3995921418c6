# task: prune_ffn
# outcome: wrong
# misconception: none
def prune_ffn(w_in, b_in, w_out, keep):
    w_in = w_in[:keep]
