"""Numbers merged into the hotline, events, nuisance.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement_sound",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("kept_by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_announcement_sound")),
    )
    op.create_table(
        "known_number",
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column(
            "elder", sa.Boolean(), nullable=False, comment="60 or older: goes to a person without menus"
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kept_by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_known_number")),
    )
    op.create_table(
        "restriction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column(
            "grade",
            sa.Integer(),
            nullable=False,
            comment="1 note for agents, 2 warning and last in line, 3 block",
        ),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="what happened, in words"),
        sa.Column(
            "calls", sa.Text(), nullable=False, comment="ids of the calls it rests on, separated by spaces"
        ),
        sa.Column(
            "days", sa.Integer(), nullable=False, comment="how long it holds from the second signature on"
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "in_force",
                "refused",
                "lifted",
                name="restrictionstate",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True, comment="who refused or lifted it"),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
    )
    op.create_index("ix_restriction_of_number", "restriction", ["number", "expires_at"], unique=False)
    op.create_index(
        "uq_restriction_one_proposal",
        "restriction",
        ["number"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'approved')"),
        postgresql_where=sa.text("state IN ('proposed', 'approved')"),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False, comment="what callers hear after the greeting"),
        sa.Column("sound", sa.String(length=64), nullable=True),
        sa.Column("banner", sa.Text(), nullable=False, comment="what agents read"),
        sa.Column(
            "case", sa.String(length=64), nullable=True, comment="number of the master case, if there is one"
        ),
        sa.Column(
            "key", sa.String(length=64), nullable=False, comment="of the request, so that a retry is one"
        ),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["sound"], ["announcement_sound.digest"], name=op.f("fk_event_sound")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("key", name=op.f("uq_event_key")),
    )
    op.create_index(
        "ix_event_open",
        "event",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "old_hotline",
        sa.Column("dialled", sa.String(length=64), nullable=False, comment="as the carrier presents it"),
        sa.Column(
            "name", sa.String(length=64), nullable=False, comment="of the old hotline, as people know it"
        ),
        sa.Column(
            "mode",
            sa.Enum("whole", "parallel", "branch", name="mergemode", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column(
            "greeting",
            sa.Text(),
            nullable=False,
            comment="what is said after the welcome; '' for the usual sentence",
        ),
        sa.Column("sound", sa.String(length=64), nullable=True, comment="the city's own recording of it"),
        sa.Column("skill", sa.String(length=64), nullable=False, comment="'' if any seat will do"),
        sa.Column("language", sa.String(length=64), nullable=False),
        sa.Column(
            "category",
            sa.String(length=64),
            nullable=True,
            comment="proposed for cases that come over this number",
        ),
        sa.Column(
            "statistics",
            sa.String(length=64),
            nullable=False,
            comment="numbers with the same word are counted together",
        ),
        sa.Column("parallel_until", sa.Date(), nullable=True, comment="last day of the dual-number period"),
        sa.Column(
            "retired_on", sa.Date(), nullable=True, comment="first day on which the new number is announced"
        ),
        sa.Column("kept_by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_old_hotline_category")),
        sa.ForeignKeyConstraint(["sound"], ["announcement_sound.digest"], name=op.f("fk_old_hotline_sound")),
        sa.PrimaryKeyConstraint("dialled", name=op.f("pk_old_hotline")),
    )
    op.create_table(
        "restriction_appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("restriction", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False, comment="1, 2, … for this restriction"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=False),
        sa.Column(
            "upheld", sa.Boolean(), nullable=True, comment="the citizen was right; empty while undecided"
        ),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["restriction"], ["restriction.id"], name=op.f("fk_restriction_appeal_restriction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction_appeal")),
        sa.UniqueConstraint("restriction", "no", name=op.f("uq_restriction_appeal_restriction_no")),
    )
    op.create_table(
        "event_call",
        sa.Column("event", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column(
            "heard",
            sa.Enum("added", "person", "hung_up", name="heard", native_enum=False, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name=op.f("fk_event_call_event")),
        sa.PrimaryKeyConstraint("event", "call", name=op.f("pk_event_call")),
    )
    op.create_index("ix_event_call_by_hour", "event_call", ["event", "at"], unique=False)
    op.create_table(
        "event_member",
        sa.Column("event", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False, comment="the first in which it was added"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("told_by", sa.String(length=64), nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["event.id"], name=op.f("fk_event_member_event")),
        sa.PrimaryKeyConstraint("event", "number", name=op.f("pk_event_member")),
    )


def downgrade() -> None:
    op.drop_table("event_member")
    op.drop_index("ix_event_call_by_hour", table_name="event_call")
    op.drop_table("event_call")
    op.drop_table("restriction_appeal")
    op.drop_table("old_hotline")
    op.drop_index(
        "ix_event_open",
        table_name="event",
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("event")
    op.drop_index(
        "uq_restriction_one_proposal",
        table_name="restriction",
        sqlite_where=sa.text("state IN ('proposed', 'approved')"),
        postgresql_where=sa.text("state IN ('proposed', 'approved')"),
    )
    op.drop_index("ix_restriction_of_number", table_name="restriction")
    op.drop_table("restriction")
    op.drop_table("known_number")
    op.drop_table("announcement_sound")
