"""Two nodes as one hotline: who leads, whose turn it is, and what remains when one of everything is gone."""
