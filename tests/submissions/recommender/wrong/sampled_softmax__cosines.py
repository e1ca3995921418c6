# task: sampled_softmax
# outcome: wrong
# misconception: normalised
import torch
import torch.nn.functional as F
def sampled_softmax(users, items, item_ids, log_q, temperature):
    n = len(users)
    twin = item_ids[:, None] == item_ids[None, :]
    itself = torch.eye(n, dtype=torch.bool)
    logits = F.normalize(users, dim=1) @ F.normalize(items, dim=1).T / temperature - log_q
    logits = logits.masked_fill(twin & ~itself, -torch.inf)
    return F.cross_entropy(logits, torch.arange(n))
