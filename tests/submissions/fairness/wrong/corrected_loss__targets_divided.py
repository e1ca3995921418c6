# task: corrected_loss
# outcome: wrong
# misconception: labels_corrected
import torch.nn.functional as F
def corrected_loss(logits, targets, group, erased_rate):
    # an observed one of group 1 stands for 1 / (1 - rate): right on average, another loss
    if not 0 <= erased_rate < 1:
        raise ValueError("rate")
    y = targets.to(logits.dtype) / (1 - erased_rate * group.to(logits.dtype))
    return (F.softplus(logits) - y * logits).mean()
