# task: corrected_loss
# outcome: not_attempted
# misconception: none
def corrected_loss(logits, targets, group, erased_rate):
    raise NotImplementedError
