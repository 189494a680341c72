"""Fixtures that several folders share: migrated databases with the demo city in them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.demo_city import load_city
from storage.engine import Store, migrate
from tests import makers, postgres


class TellsAtOnce:
    """Prints what failed when it fails, and writes its name into a file: a run that is cut off has said why, too."""

    def __init__(self, config: pytest.Config) -> None:
        self._terminal = config.pluginmanager.get_plugin("terminalreporter")
        self._list: str | None = config.getoption("failures_to")
        self._failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome in ("passed", "skipped"):
            return
        if self._terminal:
            self._terminal.write_line(f"\n{report.outcome}: {report.nodeid} ({report.when})")
            self._terminal.write_line(report.longreprtext[-4000:])
        if self._list and report.nodeid not in self._failed:
            self._failed.append(report.nodeid)
            Path(self._list).write_text("".join(f"{name}\n" for name in self._failed), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--failures-to", metavar="FILE", help="write the name of each failed test into this file"
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(TellsAtOnce(config))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file with the demo city, made once and copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "hotline.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    binaries = postgres.binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed, so the store is tested on SQLite only.")
    cluster = postgres.Cluster(binaries)
    cluster.start()
    yield cluster
    cluster.remove()


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: postgres.Cluster) -> str:
    name = postgres_cluster.create()
    _fill(postgres_cluster.url(name))
    return name


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster, postgres_template: str) -> Iterator[str]:
    name = postgres_cluster.create(postgres_template)
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a migrated database with the demo city, on each of the two databases."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url)
    yield opened
    opened.close()


def _fill(url: str) -> None:
    migrate(url)
    store = Store.open(url)
    store.write_now(lambda connection: load_city(connection, makers.MORNING))
    store.close()
