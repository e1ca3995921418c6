# task: fair_loss
# outcome: wrong
# misconception: none
import torch
_right = fair_loss
def fair_loss(logits, targets, group, strength):
    with torch.no_grad():
        logits.clamp_(-30, 30)
    return _right(logits, targets, group, strength)
