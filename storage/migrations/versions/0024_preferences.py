"""What people set for themselves: keys and looks.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "preference",
        sa.Column("login", SHORT, nullable=False),
        sa.Column("name", SHORT, nullable=False, comment="key.<action>, theme, size, contrast"),
        sa.Column("value", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_preference_login")),
        sa.PrimaryKeyConstraint("login", "name", name=op.f("pk_preference")),
    )
    # An agent's desk lists what that agent has begun and not filed.
    op.create_index("ix_draft_of", "draft", ["by", "saved_at"])


def downgrade() -> None:
    op.drop_index("ix_draft_of", table_name="draft")
    op.drop_table("preference")
