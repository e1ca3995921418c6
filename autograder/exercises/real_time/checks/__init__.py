"""What must hold of the contracts of `real_time`: a module per task, its checks in their order."""
