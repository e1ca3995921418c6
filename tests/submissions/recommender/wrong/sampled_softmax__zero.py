# task: sampled_softmax
# outcome: wrong
# misconception: none
def sampled_softmax(users, items, item_ids, log_q, temperature):
    return (users * items).sum() * 0
