"""Tables of rounds."""
