"""What callers do about their cases by themselves: urging and adding by voice.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "phone_urge",
        sa.Column("case", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", SHORT, nullable=False, comment="YYMMDD in the city's zone"),
        sa.Column("call", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_phone_urge_case")),
        sa.PrimaryKeyConstraint("case", "day", name=op.f("pk_phone_urge")),
    )
    op.create_table(
        "voice_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="of its row in `recording`"),
        sa.Column("case", sa.Integer(), nullable=False, comment="the case that is handled"),
        sa.Column(
            "supplement", sa.Integer(), nullable=True, comment="empty: it is the reason of an evaluation"
        ),
        sa.Column("call", SHORT, nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column(
            "transcript",
            sa.Text(),
            nullable=True,
            comment="as a machine heard it, unchecked; empty while none has listened",
        ),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_voice_note_case")),
        sa.ForeignKeyConstraint(["supplement"], ["supplement.id"], name=op.f("fk_voice_note_supplement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_note")),
        sa.UniqueConstraint("path", name=op.f("uq_voice_note_path")),
    )
    op.create_index("ix_voice_note_of_case", "voice_note", ["case"])
    unheard = sa.text("transcript IS NULL")
    op.create_index(
        "ix_voice_note_unheard", "voice_note", ["id"], sqlite_where=unheard, postgresql_where=unheard
    )


def downgrade() -> None:
    op.drop_index("ix_voice_note_unheard", table_name="voice_note")
    op.drop_index("ix_voice_note_of_case", table_name="voice_note")
    op.drop_table("voice_note")
    op.drop_table("phone_urge")
