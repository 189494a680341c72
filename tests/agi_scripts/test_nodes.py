"""Each command goes to the node whose call or seat it is about, and no node goes back to an earlier engine."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest

from agi_scripts.ami import AMILink, Response
from agi_scripts.ami_lines import Action, AMIDown
from agi_scripts.nodes import Nodes, Station
from agi_scripts.switch import AsteriskSwitch
from dialplan.variables import HEARTBEAT, LEADER_AGI, SCRIPTS, TERM
from routing.reign import Sign
from routing.switch import SwitchFailed

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@dataclass
class Link:
    """One AMI link: keeps the global variables that it is told, and what it was asked."""

    up: bool = True
    silent: bool = False
    globals: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, object]] = field(default_factory=list)
    epoch: str = ""

    def __post_init__(self) -> None:
        self.ready = asyncio.Event()
        if self.up:
            self.ready.set()

    async def ask(self, action: Action, _seconds: float = 5) -> Response:
        if self.silent:
            raise TimeoutError
        if not self.up:
            raise AMIDown("no link", sent=False)
        self.asked.append(dict(action))
        name = str(action.get("Variable"))
        if action["Action"] == "Setvar":
            self.globals[name] = str(action["Value"])
        value = self.globals.get(name, "") if action["Action"] == "Getvar" else ""
        return Response(ok=True, message="", headers={"Value": value})

    async def beat(self, healthy: Callable[[], bool], names: Callable[[], tuple[str, ...]]) -> None:
        if healthy():
            for name in names():
                self.globals[name] = "now"

    @property
    def extensions(self) -> list[object]:
        return [action["Exten"] for action in self.asked if "Exten" in action]


def nodes(**links: Link) -> Nodes:
    stations = []
    for name, link in links.items():
        ami = cast("AMILink", link)
        stations.append(Station(name, ami, AsteriskSwitch(ami, now=lambda: AT, node=name)))
    return Nodes(stations, agi="agi://10.0.0.1:4573")


async def test_a_caller_is_moved_by_his_own_node_whatever_node_has_the_seat() -> None:
    one, two = Link(), Link()
    both = nodes(a=one, b=two)
    await both.assign("b-1.1", "s1001", channel="PJSIP/trunk-1", reason="longest_idle", term=7, seat_node="a")
    await both.assign("a-1.2", "s1001", channel="PJSIP/trunk-2", reason="longest_idle", term=7, seat_node="a")
    assert (one.extensions, two.extensions) == (["s1001-7"], ["s1001-7-a"])


async def test_a_seat_is_a_member_of_its_own_nodes_line_only() -> None:
    one, two = Link(), Link()
    await nodes(a=one, b=two).add_seat("s1001", "林晓", node="b")
    assert ([each["Action"] for each in one.asked], [each["Action"] for each in two.asked]) == (
        [],
        ["QueueAdd"],
    )


async def test_facts_stand_in_the_files_of_the_calls_node() -> None:
    one, two = Link(), Link()
    await nodes(a=one, b=two).fact("b-1.1", "HOLD", AT, seat="s1001")
    assert (len(one.asked), len(two.asked)) == (0, 1)


async def test_a_node_nobody_knows_is_a_failure_and_not_another_node() -> None:
    with pytest.raises(SwitchFailed):
        await nodes(a=Link(), b=Link()).hang_up("PJSIP/trunk-1", node="c")


async def test_only_nodes_that_answer_are_asked_whom_they_obey() -> None:
    three = nodes(
        a=Link(globals={TERM: "7", HEARTBEAT: "5"}),
        b=Link(up=False),
        c=Link(silent=True),
        d=Link(globals={TERM: "garbage"}),
    )
    assert await three.signs() == {"a": Sign(7, "5"), "d": Sign(0, "")}


async def test_every_node_learns_the_term_and_none_goes_back_to_a_lower_one() -> None:
    one, two = Link(globals={TERM: "9"}), Link(globals={TERM: "7"})
    await nodes(a=one, b=two).announce(8)
    assert (one.globals[TERM], two.globals[TERM]) == ("9", "8")
    assert two.globals[LEADER_AGI] == "agi://10.0.0.1:4573"
    assert LEADER_AGI not in one.globals


@pytest.mark.parametrize(
    ("leads", "home", "other"), [(True, {SCRIPTS, HEARTBEAT}, {HEARTBEAT}), (False, {SCRIPTS}, set())]
)
async def test_the_engine_that_leads_beats_on_all_nodes_and_scripts_on_their_own(
    leads: bool, home: set[str], other: set[str]
) -> None:
    one, two = Link(), Link()
    await nodes(a=one, b=two).beat(lambda: True, lambda: leads)
    assert (set(one.globals), set(two.globals)) == (home, other)


async def test_alone_a_node_obeys_an_engine_without_a_term_again() -> None:
    one = Link(globals={TERM: "9"})
    await nodes(a=one).unfence()
    assert one.globals[TERM] == ""
