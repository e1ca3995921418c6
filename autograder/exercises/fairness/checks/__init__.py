"""What must hold of the contracts of `fairness`: a module per task, its checks in their order."""
