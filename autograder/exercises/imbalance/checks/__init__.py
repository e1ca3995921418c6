"""What must hold of the contracts of `imbalance`: a module per task, its checks in their order."""
