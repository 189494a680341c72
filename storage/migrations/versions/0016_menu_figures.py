"""What came of the voice menus, by day, menu and version of the menu file.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)
TURN_COUNTS = (
    "by_key", "heard", "confirmed", "denied", "unknown", "silence", "no_engine", "gave_up",
    "visits", "to_person", "to_service", "to_menu", "to_hang_up",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "menu_turn",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "slot",
            sa.Integer(),
            nullable=False,
            comment="quarter of an hour since 1970 in which the call was offered",
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("grammar", SHORT, nullable=False, comment="menu:<id>, or the name of a fixed one"),
        sa.Column("version", SHORT, nullable=False, comment="of the menu file; '' for a fixed grammar"),
        sa.Column("mode", SHORT, nullable=False, comment="key, speech, none"),
        sa.Column(
            "outcome",
            SHORT,
            nullable=False,
            comment="heard, confirmed, denied, unknown, silence, no_engine, hung_up",
        ),
        sa.Column("choice", SHORT, nullable=False, comment="what it was taken for"),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column(
            "left", SHORT, nullable=False, comment="where the caller went from the menu; '' while he stayed"
        ),
        sa.PrimaryKeyConstraint("call", "no", name=op.f("pk_menu_turn")),
    )
    op.create_index("ix_menu_turn_by_slot", "menu_turn", ["slot", "grammar", "version"])
    op.create_table(
        "menu_figure",
        sa.Column("first_slot", sa.Integer(), autoincrement=False, nullable=False, comment="of the day"),
        sa.Column("grammar", SHORT, nullable=False),
        sa.Column("version", SHORT, nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in TURN_COUNTS),
        sa.PrimaryKeyConstraint("first_slot", "grammar", "version", name=op.f("pk_menu_figure")),
    )
    op.create_table(
        "menu_way_figure",
        sa.Column("first_slot", sa.Integer(), autoincrement=False, nullable=False, comment="of the day"),
        sa.Column("version", SHORT, nullable=False, comment="'' met no menu"),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("line_seconds", sa.Double(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("voice_seconds", sa.Double(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("within_15", "within_30", "within_60", "served", "hung_up")
        ),
        sa.PrimaryKeyConstraint("first_slot", "version", name=op.f("pk_menu_way_figure")),
    )


def downgrade() -> None:
    for table in ("menu_way_figure", "menu_figure"):
        op.drop_table(table)
    op.drop_index("ix_menu_turn_by_slot", "menu_turn")
    op.drop_table("menu_turn")
