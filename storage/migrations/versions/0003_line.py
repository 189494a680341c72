"""Who takes whom: seat profiles and the rules of the line.

Revision ID: 0003
Revises: 0002
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by this revision's tables."""


def downgrade() -> None:
    """The reverse of `upgrade`."""
