"""Faults under load: what breaks, what callers meet, and what the records say afterwards."""
