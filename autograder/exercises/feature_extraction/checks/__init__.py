"""What must hold of `feature_extraction`'s contracts: a module per task, its checks in order."""
