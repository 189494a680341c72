"""What the caller hears. Knows a Call, not Asterisk."""
