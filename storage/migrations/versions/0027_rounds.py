"""Quality checks are drawn by themselves; messages know who has read them; passwords that were given are changed.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "quality_round",
        sa.Column("week", sa.Date(), nullable=False, comment="its Monday in the city's zone"),
        sa.Column("agent", SHORT, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("week", "agent", name=op.f("pk_quality_round")),
    )
    _messages()
    op.create_table(
        "given_password",
        sa.Column("login", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_given_password_login_account")),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_given_password")),
    )


def _messages() -> None:
    op.create_table(
        "seat_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seat", SHORT, nullable=False, comment="'' for all that were signed on"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_message")),
    )
    op.create_index("ix_seat_message_at", "seat_message", ["at"])
    op.create_table(
        "seat_message_reader",
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("agent", SHORT, nullable=False),
        sa.Column("seat", SHORT, nullable=False, comment="where the agent sat then"),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message"], ["seat_message.id"], name=op.f("fk_seat_message_reader_message_seat_message")
        ),
        sa.PrimaryKeyConstraint("message", "agent", name=op.f("pk_seat_message_reader")),
    )
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_seat_message_reader_unread",
        "seat_message_reader",
        ["agent"],
        sqlite_where=unread,
        postgresql_where=unread,
    )


def downgrade() -> None:
    op.drop_index("ix_seat_message_reader_unread", table_name="seat_message_reader")
    op.drop_table("seat_message_reader")
    op.drop_index("ix_seat_message_at", table_name="seat_message")
    for table in ("seat_message", "given_password", "quality_round"):
        op.drop_table(table)
