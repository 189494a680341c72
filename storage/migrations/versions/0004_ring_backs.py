"""The debts to callers: attempts, owners, promised times; outgoing calls.

Revision ID: 0004
Revises: 0003
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)
OPEN = sa.text("ended_at IS NULL")
OWED = sa.text("closed_at IS NULL")
RESULTS = (
    "reached", "brief", "no_answer", "busy", "unreachable", "cancelled", "seat_no_answer", "refused", "lost",
)  # fmt: skip
NEW: dict[str, tuple[sa.types.TypeEngine[Any], str]] = {
    "dial": (SHORT, "the number as dialled, '' if it may not be; none until planned"),
    "since": (UtcDateTime(), "when he first asked for a person: the place he keeps"),
    "wish": (sa.Text(), "what he needs of a seat, url-encoded"),
    "chosen_at": (UtcDateTime(), "when he wants to be rung"),
    "next_at": (UtcDateTime(), "not before this; none until planned, and when a supervisor decides"),
    "ring_by": (UtcDateTime(), "due, after the night and his own choice; none until planned"),
    "moved": (SHORT, "why ring_by is not due_at: night, chosen"),
    "escalated_at": (UtcDateTime(), "tried as often as the rule says: a supervisor decides"),
    "merged_into": (SHORT, "the debt that pays this one, too"),
    "closing_note": (sa.Text(), "in the words of who closed it"),
}


def upgrade() -> None:
    for name, (kind, comment) in NEW.items():
        op.add_column("ring_back", sa.Column(name, kind, nullable=True, comment=comment))
    op.create_index("ix_ring_back_of_number", "ring_back", ["dial"], sqlite_where=OWED, postgresql_where=OWED)
    op.create_index("ix_ring_back_by_day", "ring_back", ["asked_at"])
    op.create_index("ix_ring_back_merged", "ring_back", ["merged_into"])
    op.create_table(
        "ring_back_attempt",
        sa.Column("call", SHORT, nullable=False, comment="id of our call"),
        sa.Column("owed", SHORT, nullable=False, comment="the debt: id of the call that was not served"),
        sa.Column("number", SHORT, nullable=False, comment="as dialled"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("seat", SHORT, nullable=False),
        sa.Column("by", SHORT, nullable=False, comment="login; '' if the line did it by itself"),
        sa.Column(
            "result",
            sa.Enum(*RESULTS, name="result", native_enum=False, length=32),
            nullable=True,
            comment="none while it goes on",
        ),
        sa.Column("talk_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_ring_back_attempt")),
    )
    op.create_index("ix_ring_back_attempt_of_debt", "ring_back_attempt", ["owed", "at"])
    op.create_index(
        "ix_ring_back_attempt_open",
        "ring_back_attempt",
        ["number"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "ring_back_claim",
        sa.Column("number", SHORT, nullable=False, comment="as dialled"),
        sa.Column("call", SHORT, nullable=False, comment="the debt"),
        sa.Column("by", SHORT, nullable=False, comment="a login, or line:<process>"),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ring_back_claim")),
    )


def downgrade() -> None:
    op.drop_table("ring_back_claim")
    op.drop_table("ring_back_attempt")
    for name in ("ix_ring_back_merged", "ix_ring_back_by_day", "ix_ring_back_of_number"):
        op.drop_index(name, table_name="ring_back")
    with op.batch_alter_table("ring_back") as table:
        for name in NEW:
            table.drop_column(name)
