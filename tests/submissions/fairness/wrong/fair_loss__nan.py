# task: fair_loss
# outcome: wrong
# misconception: none
def fair_loss(logits, targets, group, strength):
    return logits.mean() * float("nan")
