"""Who signs on with the city's own identity provider.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from storage.types import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SHORT = sa.String(length=64)


def upgrade() -> None:
    op.create_table(
        "sign_on_person",
        sa.Column("login", SHORT, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("bound_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["login"], ["account.login"], name=op.f("fk_sign_on_person_login")),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_sign_on_person")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_sign_on_person_issuer_subject")),
    )
    op.create_table(
        "sign_on_session",
        sa.Column("token_hash", SHORT, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "sid", sa.Text(), nullable=False, comment="the provider's session, empty if it does not tell"
        ),
        sa.Column(
            "sealed",
            sa.Text(),
            nullable=False,
            comment="the ID token, encrypted: given back to the provider when the person signs out here",
        ),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_hash"], ["web_session.token_hash"], name=op.f("fk_sign_on_session_token_hash")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_on_session")),
    )
    op.create_index("ix_sign_on_session_subject", "sign_on_session", ["subject"])
    op.create_index("ix_sign_on_session_sid", "sign_on_session", ["sid"])
    op.create_index("ix_sign_on_session_old", "sign_on_session", ["ends_at"])


def downgrade() -> None:
    op.drop_table("sign_on_session")
    op.drop_table("sign_on_person")
