"""Who gets what: which seat takes a call."""
