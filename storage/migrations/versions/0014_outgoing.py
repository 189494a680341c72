"""What we ring citizens and duty phones for, and every attempt.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)
OPEN = sa.text("closed_at IS NULL")
OUT = sa.text("ended_at IS NULL")
KINDS = ("duty", "feedback", "revisit")
RESULTS = (
    "done", "partial", "person", "later", "no_word", "no_answer", "busy", "unreachable", "not_dialled", "lost",
    "overtaken",
)  # fmt: skip
CLOSINGS = ("done", "person", "gone", "cancelled")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32)


def upgrade() -> None:
    _calls()
    _attempts()
    op.create_table(
        "outgoing_switch",
        sa.Column("kind", _enum("kind", KINDS), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_outgoing_switch")),
    )


def _calls() -> None:
    op.create_table(
        "outgoing_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _enum("kind", KINDS), nullable=False),
        sa.Column(
            "ref", SHORT, nullable=False, comment="what wants it: case.round, case.clock, or the duty call"
        ),
        sa.Column("case", sa.Integer(), nullable=False),
        sa.Column(
            "number", SHORT, nullable=False, comment="as dialled; of a duty call the first of its table"
        ),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="those that count: a telephone rang"),
        sa.Column("call", SHORT, nullable=True, comment="our call that is out now"),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", SHORT, nullable=True),
        sa.Column("closing", _enum("closing", CLOSINGS), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name=op.f("fk_outgoing_call_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_call")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_outgoing_call_kind_ref")),
    )
    op.create_index(
        "ix_outgoing_call_open", "outgoing_call", ["next_at"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_outgoing_call_of_case", "outgoing_call", ["case"])


def _attempts() -> None:
    op.create_table(
        "outgoing_attempt",
        sa.Column("call", SHORT, nullable=False, comment="id of our call"),
        sa.Column("task", sa.Integer(), nullable=False),
        sa.Column("number", SHORT, nullable=False, comment="as dialled"),
        sa.Column("by", SHORT, nullable=False, comment="the node whose process began it"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column(
            "result",
            _enum("result", RESULTS),
            nullable=True,
            comment="what the script has said, else Asterisk",
        ),
        sa.Column("solved", SHORT, nullable=True, comment="answered before it broke off"),
        sa.Column("satisfied", SHORT, nullable=True, comment="the same"),
        sa.ForeignKeyConstraint(["task"], ["outgoing_call.id"], name=op.f("fk_outgoing_attempt_task")),
        sa.PrimaryKeyConstraint("call", name=op.f("pk_outgoing_attempt")),
    )
    op.create_index("ix_outgoing_attempt_of_task", "outgoing_attempt", ["task", "at"])
    op.create_index("ix_outgoing_attempt_of_number", "outgoing_attempt", ["number", "at"])
    op.create_index(
        "ix_outgoing_attempt_open", "outgoing_attempt", ["at"], sqlite_where=OUT, postgresql_where=OUT
    )


def downgrade() -> None:
    for table in ("outgoing_switch", "outgoing_attempt", "outgoing_call"):
        op.drop_table(table)
