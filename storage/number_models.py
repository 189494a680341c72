"""Tables of numbers: merged hotlines, events, nuisance."""
