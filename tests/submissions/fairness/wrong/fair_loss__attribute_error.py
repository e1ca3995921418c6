# task: fair_loss
# outcome: error
# misconception: none
def fair_loss(logits, targets, group, strength):
    return logits.binary_cross_entropy(targets) + strength
