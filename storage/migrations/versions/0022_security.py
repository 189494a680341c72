"""Second factors and exports above the limit.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    _factors()
    _half_done()
    _exports()


def _factors() -> None:
    op.create_table(
        "second_factor",
        sa.Column("login", SHORT, nullable=False),
        sa.Column(
            "sealed",
            sa.Text(),
            nullable=False,
            comment="the secret, encrypted with a key that is not in this database",
        ),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            nullable=False,
            comment="the half minute of the newest code that was taken; no older one is taken again",
        ),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_second_factor_login")),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", SHORT, nullable=False),
        sa.Column("hash", SHORT, nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_recovery_code_login")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("login", "hash", name=op.f("uq_recovery_code_login_hash")),
    )


def _half_done() -> None:
    op.create_table(
        "sign_in_step",
        sa.Column("token_hash", SHORT, nullable=False),
        sa.Column("login", SHORT, nullable=False, comment="who gave the right password"),
        sa.Column(
            "detail",
            sa.Text(),
            nullable=False,
            comment="JSON: where to go on",
        ),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_step")),
    )
    op.create_index("ix_sign_in_step_old", "sign_in_step", ["ends_at"])


def _exports() -> None:
    op.create_table(
        "export_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", SHORT, nullable=False, comment="what is exported"),
        sa.Column("path", sa.Text(), nullable=False, comment="the very address, with its filters"),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", SHORT, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", SHORT, nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True, comment="so long the file may be taken"),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False, comment="how often it was"),
        sa.ForeignKeyConstraint(["by"], ["account.login"], name=op.f("fk_export_request_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.login"], name=op.f("fk_export_request_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_request")),
    )
    op.create_index("ix_export_request_of_person", "export_request", ["by", "asked_at"])


def downgrade() -> None:
    op.drop_index("ix_export_request_of_person", table_name="export_request")
    op.drop_table("export_request")
    op.drop_index("ix_sign_in_step_old", table_name="sign_in_step")
    op.drop_table("sign_in_step")
    op.drop_table("recovery_code")
    op.drop_table("second_factor")
