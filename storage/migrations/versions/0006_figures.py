"""Figures per interval, and what callers were told of their wait.

Revision ID: 0006
Revises: 0005
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by this revision's tables."""


def downgrade() -> None:
    """The reverse of `upgrade`."""
