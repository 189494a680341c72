"""The debts to callers: attempts, owners, promised times; outgoing calls.

Revision ID: 0004
Revises: 0003
"""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by this revision's tables."""


def downgrade() -> None:
    """The reverse of `upgrade`."""
