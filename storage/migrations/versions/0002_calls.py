"""Calls: the raw lines, the records made of them, what is owed to those who were not served.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asterisk_start",
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("node", "at", name=op.f("pk_asterisk_start")),
    )
    op.create_table(
        "call",
        sa.Column(
            "id", sa.String(length=64), nullable=False, comment="node and unique id of the citizen's channel"
        ),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False, comment="empty if withheld or unreadable"),
        sa.Column("dialled", sa.String(length=64), nullable=False),
        sa.Column(
            "channel", sa.Enum("pstn", "webrtc", name="channel", native_enum=False, length=32), nullable=False
        ),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("answered_by_line_at", UtcDateTime(), nullable=True, comment="the greeting began"),
        sa.Column("queued_at", UtcDateTime(), nullable=True, comment="asked for a person, the first time"),
        sa.Column("answered_at", UtcDateTime(), nullable=True, comment="by a person"),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column(
            "end_reason",
            sa.Enum(
                "completed",
                "caller_hung_up",
                "seat_hung_up",
                "abandoned_in_menu",
                "abandoned_in_line",
                "lost_restart",
                "message_left",
                "callback_asked",
                "self_service",
                "failed",
                name="endreason",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "hung_up_by",
            sa.Enum("caller", "seat", "system", name="who", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("cause", sa.Integer(), nullable=True, comment="Q.850"),
        sa.Column("seat", sa.String(length=64), nullable=False, comment="of the last talk"),
        sa.Column(
            "answer_seconds", sa.Double(), nullable=True, comment="from the first ring to a person's voice"
        ),
        sa.Column("wait_seconds", sa.Double(), nullable=False, comment="from asking for a person"),
        sa.Column("talk_seconds", sa.Double(), nullable=False),
        sa.Column("hold_seconds", sa.Double(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=64), nullable=False, comment="number of the case it became"),
        sa.Column("outcome_by", sa.String(length=64), nullable=False),
        sa.Column("survey", sa.Integer(), nullable=True),
        sa.Column("keys", sa.Text(), nullable=False),
        sa.Column("fallback", sa.Boolean(), nullable=False, comment="our process was dead when it came"),
        sa.Column("recording", sa.Text(), nullable=False, comment="file below the folder of recordings"),
        sa.Column("heard_until", UtcDateTime(), nullable=False),
        sa.Column(
            "segments",
            sa.String(length=64),
            nullable=False,
            comment="digest of its segments, so that equal ones stay",
        ),
        sa.Column("recording_state", sa.String(length=64), nullable=True, comment="due, kept, missing"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index(
        "ix_call_by_day",
        "call",
        ["offered_at", "queued_at", "answered_at", "wait_seconds", "end_reason"],
        unique=False,
    )
    op.create_index("ix_call_of_number", "call", ["number", "offered_at"], unique=False)
    op.create_index(
        "ix_call_open",
        "call",
        ["node", "offered_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_call_recording_due",
        "call",
        ["ended_at"],
        unique=False,
        sqlite_where=sa.text("recording_state = 'due'"),
        postgresql_where=sa.text("recording_state = 'due'"),
    )
    op.create_table(
        "call_segment",
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "offered",
                "menu",
                "queued",
                "ringing",
                "transfer",
                "talk",
                "hold",
                "survey",
                "message",
                name="segmentkind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("call", "no", name=op.f("pk_call_segment")),
    )
    op.create_table(
        "raw_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False, comment="node:file, e.g. hotline1:cel"),
        sa.Column("inode", sa.BigInteger(), nullable=False),
        sa.Column(
            "head",
            sa.String(length=64),
            nullable=False,
            comment="length and hash of its first line: a new file may get an old inode",
        ),
        sa.Column("offset", sa.BigInteger(), nullable=False, comment="first byte not yet read"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raw_file")),
        sa.UniqueConstraint("source", "inode", "head", name=op.f("uq_raw_file_source_inode_head")),
    )
    op.create_table(
        "raw_line",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column(
            "file", sa.Integer(), autoincrement=False, nullable=False, comment="raw_file, 0 if in none"
        ),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "form",
            sa.String(length=64),
            nullable=False,
            comment="cel or queue_log; bad if it cannot be understood",
        ),
        sa.Column("call", sa.String(length=64), nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "file", "offset", name=op.f("pk_raw_line")),
    )
    op.create_index("ix_raw_line_of_call", "raw_line", ["call"], unique=False)
    op.create_table(
        "recording",
        sa.Column("path", sa.Text(), nullable=False, comment="below the folder of recordings"),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_recording")),
    )
    op.create_index("ix_recording_of_call", "recording", ["call"], unique=False)
    op.create_table(
        "ring_back",
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "abandoned",
                "short",
                "lost",
                "message",
                "refused",
                "asked",
                name="ringbackreason",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "asked_at", UtcDateTime(), nullable=False, comment="when the call ended, or the citizen asked"
        ),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column(
            "asked_by", sa.String(length=64), nullable=False, comment="'' if it follows from the call itself"
        ),
        sa.Column(
            "key", sa.String(length=64), nullable=True, comment="of the request, so that a retry is one"
        ),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column(
            "closing_reason",
            sa.String(length=64),
            nullable=True,
            comment="reached, unreachable, called_again, …",
        ),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_ring_back")),
        sa.UniqueConstraint("key", name=op.f("uq_ring_back_key")),
    )
    op.create_index(
        "ix_ring_back_open",
        "ring_back",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "seat_log",
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seat", "at", name=op.f("pk_seat_log")),
    )
    op.create_index("ix_seat_log_by_time", "seat_log", ["at"], unique=False)
    op.create_table(
        "seat_state",
        sa.Column("seat", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seat", name=op.f("pk_seat_state")),
    )
    op.create_table(
        "spooled_message",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("sound", sa.Text(), nullable=True, comment="file below the spool's done folder"),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_spooled_message")),
    )


def downgrade() -> None:
    op.drop_table("spooled_message")
    op.drop_table("seat_state")
    op.drop_index("ix_seat_log_by_time", table_name="seat_log")
    op.drop_table("seat_log")
    op.drop_index(
        "ix_ring_back_open",
        table_name="ring_back",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("ring_back")
    op.drop_index("ix_recording_of_call", table_name="recording")
    op.drop_table("recording")
    op.drop_index("ix_raw_line_of_call", table_name="raw_line")
    op.drop_table("raw_line")
    op.drop_table("raw_file")
    op.drop_table("call_segment")
    op.drop_index(
        "ix_call_recording_due",
        table_name="call",
        sqlite_where=sa.text("recording_state = 'due'"),
        postgresql_where=sa.text("recording_state = 'due'"),
    )
    op.drop_index(
        "ix_call_open",
        table_name="call",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_call_of_number", table_name="call")
    op.drop_index("ix_call_by_day", table_name="call")
    op.drop_table("call")
    op.drop_table("asterisk_start")
