# task: fair_loss
# outcome: not_attempted
# misconception: none
def fair_loss(logits, targets, group, strength):
    raise NotImplementedError
