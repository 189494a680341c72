"""Supervisors on the line: thresholds, support between groups, messages, listening."""
