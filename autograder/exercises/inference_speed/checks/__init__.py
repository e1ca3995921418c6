"""What must hold of the contracts of `inference_speed`: one module per task, in order."""
