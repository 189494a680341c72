"""Tables of figures per interval."""
