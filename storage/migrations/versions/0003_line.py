"""Who takes whom: seat profiles and the rules of the line.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "line_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "follows",
            sa.Integer(),
            nullable=False,
            comment="the version that was changed: of two people who change the same one, one is told",
        ),
        sa.Column("valid_from", UtcDateTime(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False, comment="JSON, as routing.rule_text reads it"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_rules")),
        sa.UniqueConstraint("follows", name=op.f("uq_line_rules_follows")),
    )
    op.create_index("ix_line_rules_in_force", "line_rules", ["valid_from", "id"], unique=False)
    op.create_table(
        "line_span",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("duty", "closure", "support", "emergency", name="spankind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON, as routing.rule_text reads it"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column(
            "ended_at", UtcDateTime(), nullable=True, comment="switched off or taken back before its time"
        ),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_span")),
    )
    op.create_index(
        "ix_line_span_to_come",
        "line_span",
        ["until"],
        unique=False,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    op.create_table(
        "seat_profile",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False, comment="JSON: skill to level, 1 to 5"),
        sa.Column("languages", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column(
            "busy_at_most",
            sa.Double(),
            nullable=False,
            comment="share of an hour on calls, above it chosen last",
        ),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_seat_profile_login")),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_seat_profile")),
    )


def downgrade() -> None:
    op.drop_table("seat_profile")
    op.drop_index("ix_line_span_to_come", table_name="line_span", sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_table("line_span")
    op.drop_index("ix_line_rules_in_force", table_name="line_rules")
    op.drop_table("line_rules")
