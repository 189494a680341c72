"""Personal columns are sealed: on PostgreSQL they must hold longer texts. What is in them is sealed by
`storage.resealing`, which has the key.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = (
    ("call", "number"),
    ("call", "dialled"),
    ("ring_back", "number"),
    ("ring_back", "dial"),
    ("spooled_message", "number"),
    ("ring_back_attempt", "number"),
    ("ring_back_claim", "number"),
    ("event_member", "number"),
    ("known_number", "number"),
    ("restriction", "number"),
    ("outgoing_call", "number"),
    ("outgoing_attempt", "number"),
    ("duty_call", "number"),
    ("duty_rota", "number"),
    ("case_contact", "number"),
    ("status_try", "subject"),
)


def upgrade() -> None:
    _change(sa.String(length=64), sa.Text())


def downgrade() -> None:
    _change(sa.Text(), sa.String(length=64))


def _change(old: sa.types.TypeEngine[str], new: sa.types.TypeEngine[str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # it keeps no length
    for table, column in COLUMNS:
        op.alter_column(table, column, existing_type=old, type_=new)
