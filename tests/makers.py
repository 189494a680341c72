"""Plain functions with good defaults, for tests of every folder."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""A Monday, half past nine in the city."""


def later(**span: float) -> datetime:
    """Return the instant so much after the morning."""
    return MORNING + timedelta(**span)
