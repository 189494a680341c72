"""Everything that talks to Asterisk."""
