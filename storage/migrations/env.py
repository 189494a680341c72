"""What Alembic runs: the migrations, inside the transaction it was given."""

from alembic import context

from storage import models  # noqa: F401 - they fill the metadata
from storage.types import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # The search index differs between the databases on purpose, so no mapping describes it.
    include_name=lambda name, _type, _parents: not str(name).startswith("case_search"),
    # One transaction for all steps: a migration that fails leaves the tables as they were, on SQLite too.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
