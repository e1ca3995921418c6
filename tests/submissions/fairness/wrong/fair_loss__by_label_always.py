# task: fair_loss
# outcome: wrong
# misconception: penalty_by_label
import torch
import torch.nn.functional as F
_right = fair_loss
def fair_loss(logits, targets, group, strength):
    _right(logits, targets, group, strength)
    return _right(logits, targets, targets.long(), strength)
