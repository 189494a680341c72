"""Indicators, frozen at the end of a period."""
