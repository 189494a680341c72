"""The ladder of warnings, and the registers of supervision."""
