"""What was suggested to agents, what they took, and the model trained on it."""
