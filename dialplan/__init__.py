"""The dialplan, and the names it shares with Python."""
