"""Tables of the line: who can do what, and by which rules seats are chosen."""
