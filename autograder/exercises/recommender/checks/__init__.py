"""What must hold of the contracts of `recommender`: a module per task, checks in their order."""
