"""Calendars, office hours and time limits as versioned data."""
