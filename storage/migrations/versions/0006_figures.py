"""Figures per interval, and what callers were told of their wait.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)
COUNTS = (
    "offered", "asked", "waiting", "answered", "answered_15s", "answered_15s_of_ring", "abandoned",
    "abandoned_short", "completed", "caller_hung_up", "seat_hung_up", "abandoned_in_menu", "abandoned_in_line",
    "lost_restart", "message_left", "callback_asked", "self_service", "event_joined", "refused", "failed", "open",
)  # fmt: skip
SECONDS = ("wait_longest", "talk_seconds", "hold_seconds", "wrap_up_seconds")
SEAT_SECONDS = ("ringing", "talk", "hold", "ready", "wrap_up", "break", "disabled", "signed_on")
SEGMENT = "call_segment"
SLOT = "quarters of an hour since 1970"


def upgrade() -> None:
    _widen_call()
    op.add_column(
        SEGMENT,
        sa.Column(
            "detail",
            SHORT,
            nullable=False,
            server_default="",
            comment="why this seat; blind or attended; who else was in the talk",
        ),
    )
    op.add_column(
        SEGMENT,
        sa.Column(
            "slot",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="quarter of an hour since 1970 in which it began",
        ),
    )
    op.add_column(SEGMENT, sa.Column("last_slot", sa.Integer(), nullable=True, comment="in which it ended"))
    op.add_column(
        SEGMENT,
        sa.Column("seconds", sa.Double(), nullable=False, server_default="0", comment="0 while it goes on"),
    )
    _partial(
        "ix_call_segment_of_seat", SEGMENT, ["slot", "seat", "kind", "last_slot", "seconds"], "seat <> ''"
    )
    op.create_table(
        "call_link",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("other", SHORT, nullable=False),
        sa.PrimaryKeyConstraint("call", "other", name=op.f("pk_call_link")),
    )
    op.create_table(
        "told_wait",
        sa.Column("call", SHORT, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False, comment="seconds, as they were said"),
        sa.Column("high", sa.Double(), nullable=True, comment="None: or more"),
        sa.Column("waited", sa.Double(), nullable=True, comment="None while the caller waits"),
        sa.Column("answered", sa.Boolean(), nullable=False, comment="the wait ended with a person's voice"),
        sa.PrimaryKeyConstraint("call", "no", name=op.f("pk_told_wait")),
    )
    op.create_index("ix_told_wait_by_time", "told_wait", ["at"])
    op.create_table(
        "figure",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False, comment=SLOT),
        sa.Column("line", SHORT, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("wait_seconds", sa.Double(), nullable=False, comment="of those who were answered"),
        *(sa.Column(name, sa.Double(), nullable=False) for name in SECONDS),
        sa.Column("outgoing", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slot", "line", name=op.f("pk_figure")),
    )
    op.create_table(
        "seat_figure",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seat", SHORT, nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False, comment="talks that began in it"),
        sa.Column("missed", sa.Integer(), nullable=False, comment="offers the seat did not take"),
        *(sa.Column(name, sa.Double(), nullable=False) for name in SEAT_SECONDS),
        sa.PrimaryKeyConstraint("slot", "seat", name=op.f("pk_seat_figure")),
    )
    op.create_table(
        "figure_span",
        sa.Column("first_slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_slot", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("first_slot", name=op.f("pk_figure_span")),
    )


TEXTS = {
    "line": "the number it counts under; '' for a call of ours",
    "skill": None,
    "language": None,
    "event": "the event the caller was told of",
    "refused": "why: calls, waiting, rate, …",
    "purpose": "of a call of ours",
    "owed": "the call whose debt it pays",
    "by": "who had it made",
    "dial_status": "Asterisk's word",
}


def _widen_call() -> None:
    way = sa.Enum("incoming", "outgoing", name="direction", native_enum=False, length=32)
    op.add_column("call", sa.Column("direction", way, nullable=False, server_default="incoming"))
    for name, comment in TEXTS.items():
        op.add_column("call", sa.Column(name, SHORT, nullable=False, server_default="", comment=comment))
    op.add_column("call", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("call", sa.Column("wrap_up_seconds", sa.Double(), nullable=False, server_default="0"))
    told = "quarter of an hour since 1970 in which it was offered"
    op.add_column("call", sa.Column("slot", sa.Integer(), nullable=False, server_default="0", comment=told))
    told = "its lines are gone: this record is all that is left of it"
    op.add_column(
        "call", sa.Column("pruned", sa.Boolean(), nullable=False, server_default=sa.false(), comment=told)
    )
    op.create_index("ix_call_by_slot", "call", ["slot", "line"])
    _partial("ix_call_recording_missing", "call", ["ended_at"], "recording_state = 'missing'")
    _partial("ix_call_that_pays", "call", ["owed", "offered_at"], "owed <> ''")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


CALL_COLUMNS = (
    "direction", "line", "skill", "language", "event", "refused", "purpose", "owed", "by", "dial_status",
    "priority", "wrap_up_seconds", "slot", "pruned",
)  # fmt: skip


def downgrade() -> None:
    for table in ("figure_span", "seat_figure", "figure"):
        op.drop_table(table)
    op.drop_index("ix_told_wait_by_time", "told_wait")
    op.drop_table("told_wait")
    op.drop_table("call_link")
    op.drop_index("ix_call_segment_of_seat", SEGMENT)
    for name in ("detail", "slot", "last_slot", "seconds"):
        op.drop_column(SEGMENT, name)
    for name in ("ix_call_that_pays", "ix_call_recording_missing", "ix_call_by_slot"):
        op.drop_index(name, "call")
    for name in CALL_COLUMNS:
        op.drop_column("call", name)
