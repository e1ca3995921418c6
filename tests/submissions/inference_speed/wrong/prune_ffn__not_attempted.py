# task: prune_ffn
# outcome: not_attempted
# misconception: none
def prune_ffn(w_in, b_in, w_out, keep):
    raise NotImplementedError
