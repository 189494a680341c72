"""One town for all scenarios, a browser, and a fresh street of people for each test."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from hotline.asterisk import find_binary
from hotline.settings import ROOT
from tests.chromium import CHROMIUM
from tests.endtoend.people import Street, chromium
from tests.town import Town


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    if find_binary(ROOT / "var") is None or not CHROMIUM.exists():
        pytest.skip("these scenarios need Asterisk and Chromium; `make test` installs both")
    # Not pytest's own folder: the control socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        town = Town(Path(folder), {"HOTLINE_RING_SECONDS": "6", "HOTLINE_NO_ANSWER_BREAK_SECONDS": "2"})
        town.prepare()
        town.start()
        yield town
        town.stop()


@pytest_asyncio.fixture
async def street(town: Town, tmp_path: Path) -> AsyncIterator[Street]:
    async with chromium(tmp_path) as browser, AsyncExitStack() as stack:
        street = Street(town, browser, tmp_path / "people", stack)
        street.folder.mkdir()
        yield street
        complaints = [said for desk in street.desks for said in desk.complaints]
        await stack.aclose()
        await street.empties()
        assert complaints == []
