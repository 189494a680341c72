"""Migrations lead up and down on both databases, and end where the models say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from storage import migrations
from storage.engine import engine_for
from storage.types import Base
from tests import postgres


@pytest.fixture
def bare_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bare.db'}"


@pytest.fixture
def bare_postgres(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    name = postgres_cluster.create()
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request: pytest.FixtureRequest) -> str:
    """The address of a database without any table."""
    return str(request.getfixturevalue(f"bare_{request.param}"))


def tables(url: str) -> set[str]:
    engine = engine_for(url)
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    return names


def differences(url: str) -> list[object]:
    engine = engine_for(url)
    with engine.connect() as connection:
        # The search index differs between the databases on purpose, so no mapping describes it.
        options = {"include_name": lambda name, _type, _parents: not str(name).startswith("case_search")}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    engine.dispose()
    return list(found)


def test_the_migrated_schema_is_what_the_models_say(store_url: str) -> None:
    assert differences(store_url) == []


def test_migrations_lead_down_to_nothing_and_up_again(bare_url: str) -> None:
    migrations.upgrade(bare_url)
    full = tables(bare_url)
    migrations.downgrade(bare_url, "base")
    assert tables(bare_url) <= {"alembic_version"}
    migrations.upgrade(bare_url)
    assert tables(bare_url) == full


def test_migrating_twice_changes_nothing(store_url: str) -> None:
    before = migrations.versions(store_url)
    migrations.upgrade(store_url)
    assert migrations.versions(store_url) == before
    assert before[0] == before[1]


def test_a_new_database_has_no_version_yet(bare_url: str) -> None:
    has, wants = migrations.versions(bare_url)
    assert has is None
    assert wants


def test_every_table_of_the_models_is_made(bare_url: str) -> None:
    migrations.upgrade(bare_url)
    assert set(Base.metadata.tables) <= tables(bare_url)
