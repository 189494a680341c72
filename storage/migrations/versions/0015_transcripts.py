"""What was said, as a draft: the final sentences of live transcripts and of messages.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)
NAMED = sa.String(length=32)


def upgrade() -> None:
    op.create_table(
        "transcript_line",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("party", NAMED, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False, comment="when it began"),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False, comment="how sure the machine is, 0 to 1"),
        sa.PrimaryKeyConstraint("call", "party", "at", name="pk_transcript_line"),
    )
    op.create_index("ix_transcript_line_by_time", "transcript_line", ["at"])
    op.create_table(
        "message_hearing",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True, comment="none: done, or given up"),
        sa.PrimaryKeyConstraint("call", name="pk_message_hearing"),
    )


def downgrade() -> None:
    op.drop_table("message_hearing")
    op.drop_index("ix_transcript_line_by_time", "transcript_line")
    op.drop_table("transcript_line")
