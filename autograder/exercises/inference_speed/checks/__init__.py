"""What must hold of the contracts of `inference_speed`: a module per task, checks in their order."""
