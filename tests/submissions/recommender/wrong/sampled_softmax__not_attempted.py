# task: sampled_softmax
# outcome: not_attempted
# misconception: none
def sampled_softmax(users, items, item_ids, log_q, temperature):
    raise NotImplementedError
