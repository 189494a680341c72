"""Two Asterisks that know each other, each with an address of its own on loopback."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import AGIServer
from hotline.cluster import Node
from hotline.phone import Line
from tests.asterisk import harness
from tests.asterisk.harness import Switchboard
from tests.cluster.city import City, city_of_two
from tests.postgres import Cluster
from tests.sip import Telephone, eventually, telephone

REPORTS = pytest.StashKey[dict[str, pytest.TestReport]]()
ADDRESSES = {"hotline1": "127.0.0.2", "hotline2": "127.0.0.3"}


@dataclass
class Pair:
    """Two nodes, and whoever has a telephone."""

    nodes: dict[str, Switchboard]
    folder: Path = field(default_factory=Path)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    count: int = 0

    def __iter__(self) -> Iterator[Switchboard]:
        return iter(self.nodes.values())

    async def telephone(self, line: Line) -> Telephone:
        self.count += 1
        return await self.stack.enter_async_context(
            telephone(line, self.folder / f"{line.user}-{self.count}")
        )

    async def citizen(self, server: str, number: str = "13850123456") -> Telephone:
        return await self.telephone(Line(user=number, server=server))

    async def seat(self, node: str, name: str = "s1001") -> Telephone:
        """Let a seat register at this node, without being a member of its queue."""
        seat = await self.telephone(self.nodes[node].let_in(name, "hotline-seats"))
        await seat.phone.until_registered()
        return seat

    async def one_waits(self, node: str) -> str:
        """Return the channel of the one who waits there."""
        await eventually(
            lambda: "PJSIP/trunk-" in self.nodes[node].cli("queue show hotline"), otherwise="nobody waits"
        )
        return next(each for each in self.nodes[node].channels() if each.startswith("PJSIP/trunk-"))


async def to_the_line(call: AGISession) -> None:
    await call.route("line")


@pytest.fixture(scope="package")
def two_switchboards() -> Iterator[dict[str, Switchboard]]:
    if harness.find_asterisk() is None:
        pytest.skip("there is no Asterisk of version 20 or newer here; `make setup` gets one")
    with ExitStack() as stack:
        found: dict[str, Switchboard] = {}
        folders = {
            name: Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hl-"))) for name in ADDRESSES
        }
        planned = {name: harness.settings_for(folder) for name, folder in folders.items()}
        for name, address in ADDRESSES.items():
            others = tuple(
                Node(other, "127.0.0.1", planned[other].ami_port, ADDRESSES[other], planned[other].sip_port)
                for other in ADDRESSES
                if other != name
            )
            changes = {"node": name, "sip_host": address, "nodes": others}
            settings = replace(planned[name], **changes)  # type: ignore[arg-type]  # a mixed bag
            found[name] = stack.enter_context(harness.switchboard_as(settings))
        yield found


@pytest.fixture
async def pair(two_switchboards: dict[str, Switchboard], tmp_path: Path) -> AsyncIterator[Pair]:
    """The two with nobody on them and no word from our processes."""
    for each in two_switchboards.values():
        each.heartbeat(None)
        each.ami("Setvar", Variable="HOTLINE_TERM", Value="")
        each.forget()
    async with AsyncExitStack() as stack:
        for each in two_switchboards.values():
            scripts = AGIServer({"incoming": to_the_line})
            await scripts.start(port=each.settings.agi_port)
            stack.push_async_callback(scripts.close, 0)
            each.heartbeat(0)
        yield Pair(two_switchboards, tmp_path, stack)
    for each in two_switchboards.values():
        each.cli("channel request hangup all")
    for each in two_switchboards.values():
        await eventually(lambda each=each: not each.channels(), otherwise="a channel is stuck")  # type: ignore[misc]


@pytest.fixture(scope="package")
def one_city(postgres_cluster: Cluster) -> Iterator[City]:
    if harness.find_asterisk() is None or shutil.which("redis-server") is None:
        pytest.skip("these scenarios need Asterisk and Redis; `make test` installs both")
    name = postgres_cluster.create()
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        url = postgres_cluster.url(name)
        with city_of_two(Path(folder), url, postgres_cluster) as city:
            yield city


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixture know how the scenario went."""
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


@pytest.fixture
def city(one_city: City, request: pytest.FixtureRequest) -> Iterator[City]:
    """The city, whole again whatever the test before has done to it."""
    one_city.heal()
    yield one_city
    report = request.node.stash.get(REPORTS, {}).get("call")
    if report is None or not report.passed:
        print(one_city.told())
