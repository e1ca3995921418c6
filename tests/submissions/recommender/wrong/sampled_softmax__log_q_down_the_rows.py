# task: sampled_softmax
# outcome: wrong
# misconception: no_log_q
import torch
import torch.nn.functional as F
def sampled_softmax(users, items, item_ids, log_q, temperature):
    n = len(users)
    twin = item_ids[:, None] == item_ids[None, :]
    itself = torch.eye(n, dtype=torch.bool)
    logits = users @ items.T / temperature - log_q.unsqueeze(1)
    logits = logits.masked_fill(twin & ~itself, -torch.inf)
    return F.cross_entropy(logits, torch.arange(n))
