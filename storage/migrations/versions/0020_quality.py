"""Quality checks: scoring sheets, drawn calls, scores and appeals.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "quality_sheet",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_by", SHORT, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_quality_sheet")),
    )
    op.create_table(
        "quality_item",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False, comment="at most; 0 for a fatal one"),
        sa.Column("fatal", sa.Boolean(), nullable=False, comment="missed once, the whole call counts 0"),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", "no", name=op.f("pk_quality_item")),
    )
    _draws()
    _checks()


def _draws() -> None:
    op.create_table(
        "quality_draw",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("week", sa.Date(), nullable=False, comment="its Monday in the city's zone"),
        sa.Column("agent", SHORT, nullable=False),
        sa.Column("seat", SHORT, nullable=False),
        sa.Column("talked_at", UtcDateTime(), nullable=False),
        sa.Column("talk_seconds", sa.Double(), nullable=False),
        sa.Column("basis", SHORT, nullable=False, comment="random, or picked by hand"),
        sa.Column("drawn_by", SHORT, nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_quality_draw")),
    )
    op.create_index("ix_quality_draw_of_week", "quality_draw", ["week", "agent"])
    op.create_index("ix_quality_draw_of_agent", "quality_draw", ["agent"])


def _checks() -> None:
    op.create_table(
        "quality_check",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the sheet"),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("fatal", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("checked_by", SHORT, nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True, comment="when the agent first read it"),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("appealed_at", UtcDateTime(), nullable=True),
        sa.Column("verdict", SHORT, nullable=True, comment="upheld, revised"),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by", SHORT, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("first_score", sa.Integer(), nullable=True, comment="before it was revised"),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_quality_check")),
    )
    op.create_table(
        "quality_mark",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "points", sa.Integer(), nullable=False, comment="of a fatal item 0 if it was missed, else 1"
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call", "round", "no", name=op.f("pk_quality_mark")),
    )


def downgrade() -> None:
    for table in ("quality_mark", "quality_check"):
        op.drop_table(table)
    op.drop_index("ix_quality_draw_of_agent", table_name="quality_draw")
    op.drop_index("ix_quality_draw_of_week", table_name="quality_draw")
    for table in ("quality_draw", "quality_item", "quality_sheet"):
        op.drop_table(table)
