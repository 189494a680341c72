"""Numbers merged into the hotline, events, nuisance.

Revision ID: 0005
Revises: 0004
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by this revision's tables."""


def downgrade() -> None:
    """The reverse of `upgrade`."""
