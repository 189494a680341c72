"""Alembic without an ini file: the address of the database is all it needs."""

import threading
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.engine import engine_for

# Alembic keeps its context in module globals: two migrations in one process would mix.
ONE_AT_A_TIME = threading.Lock()


def upgrade(url: str, to: str = "head") -> None:
    """Bring the tables up to a revision. Does nothing when they are there already."""
    _run(url, lambda settings: command.upgrade(settings, to))


def downgrade(url: str, to: str) -> None:
    _run(url, lambda settings: command.downgrade(settings, to))


def versions(url: str) -> tuple[str | None, str | None]:
    """Return the revision the database has and the one this program wants."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            has = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return has, ScriptDirectory.from_config(_settings()).get_current_head()


def _run(url: str, step: Callable[[Config], None]) -> None:
    settings = _settings()
    engine = engine_for(url)
    try:
        with ONE_AT_A_TIME, engine.begin() as connection:
            settings.attributes["connection"] = connection
            step(settings)
    finally:
        engine.dispose()


def _settings() -> Config:
    settings = Config()
    # A percent sign in a folder's name would be read as an interpolation.
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return settings
