"""What was suggested to agents, what they took, and the model trained on it.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "suggestion",
        sa.Column("case", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="in the city's zone"),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column(
            "model",
            sa.Integer(),
            nullable=False,
            comment="version of the model that was asked; 0: none was there",
        ),
        sa.Column("categories", sa.Text(), nullable=False, comment="codes, the first first"),
        sa.Column("units", sa.Text(), nullable=False, comment="codes, the first first"),
        sa.Column("first_category", SHORT, nullable=False),
        sa.Column("first_unit", SHORT, nullable=False),
        sa.Column(
            "category_rank",
            sa.Integer(),
            nullable=True,
            comment="1 to 3; 0: another one; empty: none was shown",
        ),
        sa.Column(
            "unit_rank",
            sa.Integer(),
            nullable=True,
            comment="1 to 3; 0: another one; empty: none was shown or chosen",
        ),
        sa.ForeignKeyConstraint(["case"], ["case_file.id"], name="fk_suggestion_case_case_file"),
        sa.PrimaryKeyConstraint("case", name="pk_suggestion"),
    )
    op.create_index("ix_suggestion_by_day", "suggestion", ["day"])
    op.create_table(
        "suggestion_model",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trained_at", UtcDateTime(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False, comment="from so many it has learned"),
        sa.Column("examined", sa.Integer(), nullable=False, comment="on so many others it was tried"),
        sa.Column("top1", sa.Double(), nullable=False),
        sa.Column("top3", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True, comment="dropped when a newer one is in use"),
        sa.PrimaryKeyConstraint("version", name="pk_suggestion_model"),
    )


def downgrade() -> None:
    op.drop_table("suggestion_model")
    op.drop_index("ix_suggestion_by_day", "suggestion")
    op.drop_table("suggestion")
