"""Front-line action, urgent cases, public copies."""
