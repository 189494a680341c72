"""One town for all scenarios, another for each that breaks it, and a fresh street of people for each test."""

import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from hotline.asterisk import find_binary
from hotline.config import Config
from hotline.settings import ROOT
from tests.chromium import CHROMIUM
from tests.endtoend.people import Street, chromium
from tests.town import Town

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()


@contextmanager
def town_with(*, start_ours: bool = True, **settings: object) -> Iterator[Town]:
    """A running town with these settings, named as in the configuration."""
    if find_binary(ROOT / "var") is None or not CHROMIUM.exists():
        pytest.skip("these scenarios need Asterisk and Chromium; `make test` installs both")
    # Not pytest's own folder: the control socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        town = Town(Path(folder), {f"HOTLINE_{name.upper()}": str(value) for name, value in settings.items()})
        town.prepare()
        try:
            town.start_asterisk()
            if start_ours:
                town.start_ours()
            yield town
        finally:
            town.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixtures know how the scenario went: what was on the desks and in the log is told with a failure."""
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


async def tell_what_was_seen(request: pytest.FixtureRequest, street: Street) -> None:
    """Print the text of every desk and the end of the log, which pytest shows with the failed scenario."""
    report = request.node.stash.get(REPORTS, {}).get("call")
    if report is None or report.passed:
        return
    for desk in street.desks:
        print(f"--- {desk.page.url}\n{await desk.page.inner_text('body')}\n{desk.complaints}")
    print(
        f"--- hotline.log\n{street.town.log()[-6000:]}\n--- channels\n{street.town.cli('core show channels')}"
    )


@asynccontextmanager
async def street_of(town: Town, folder: Path) -> AsyncIterator[Street]:
    """People for one test, and a browser for the agents among them."""
    async with chromium(folder) as browser, AsyncExitStack() as stack:
        street = Street(town, browser, folder / "people", stack)
        street.folder.mkdir()
        yield street


@pytest.fixture(scope="package")
def town() -> Iterator[Town]:
    """It is night here as long as anybody looks: whom a scenario leaves owed a call, the next one's desk does not ring."""
    midst = datetime.now(ZoneInfo(Config().zone))
    begins, ends = (f"{midst + timedelta(hours=hours):%H:%M}" for hours in (-6, 6))
    with town_with(ring_seconds=6, no_answer_break_seconds=2, quiet_from=begins, quiet_until=ends) as town:
        yield town


@pytest.fixture
def mortal() -> Iterator[Town]:
    """A town that may be broken: nobody else lives in it."""
    with town_with(ring_seconds=6, line_seconds=5, fallback_seconds=30) as town:
        yield town


@pytest_asyncio.fixture
async def street(town: Town, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Street]:
    async with street_of(town, tmp_path) as street:
        yield street
        await tell_what_was_seen(request, street)
        complaints = [said for desk in street.desks for said in desk.complaints]
        await street.stack.aclose()
        await street.empties()
        assert complaints == []


@pytest_asyncio.fixture
async def ruins(mortal: Town, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Street]:
    """The street of a town that may be broken; what its pages complain of then is no fault."""
    async with street_of(mortal, tmp_path) as street:
        yield street
        await tell_what_was_seen(request, street)
