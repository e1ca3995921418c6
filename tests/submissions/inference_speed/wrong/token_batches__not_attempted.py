# task: token_batches
# outcome: not_attempted
# misconception: none
def token_batches(lengths, budget):
    raise NotImplementedError
