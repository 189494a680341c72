"""Several Asterisks as one exchange: each command goes to the node whose call or seat it is about."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from agi_scripts.ami import AMILink
from agi_scripts.ami_lines import AMIDown
from agi_scripts.switch import AsteriskSwitch
from agi_scripts.witness import Witness
from cases.transcripts import Party
from dialplan import variables
from routing.live import node_of
from routing.moves import Move
from routing.reign import Sign
from routing.switch import Snapshot, SwitchFailed

log = logging.getLogger(__name__)

SIGN_SECONDS = 0.4
"""A node that is asked about the engines answers within milliseconds or does not count this time."""


@dataclass(frozen=True, slots=True)
class Station:
    """One node: the link to it, its Asterisk as the engine sees it, and what was seen of its calls if it is our own."""

    name: str
    link: AMILink
    switch: AsteriskSwitch
    witness: Witness = field(default_factory=Witness)


class Nodes:
    """`routing.switch.Switch` and `routing.reign.Court` over all nodes. The first one is our own."""

    def __init__(self, stations: Iterable[Station], *, agi: str) -> None:
        self.stations = {station.name: station for station in stations}
        self.home = next(iter(self.stations))
        self._agi = agi

    # What the engine asks

    async def assign(
        self, call: str, seat: str, *, channel: str, reason: str, term: int = 0, seat_node: str = ""
    ) -> None:
        where = self._at(node_of(call)).switch
        await where.assign(call, seat, channel=channel, reason=reason, term=term, seat_node=seat_node)

    async def reconnect(
        self, call: str, seat: str, *, channel: str, term: int = 0, seat_node: str = ""
    ) -> None:
        where = self._at(node_of(call)).switch
        await where.reconnect(call, seat, channel=channel, term=term, seat_node=seat_node)

    async def move(self, move: Move) -> None:
        await self._at(node_of(move.call)).switch.move(move)

    async def add_seat(self, seat: str, name: str, *, node: str = "") -> None:
        await self._at(node).switch.add_seat(seat, name)

    async def remove_seat(self, seat: str, *, node: str = "") -> None:
        await self._at(node).switch.remove_seat(seat)

    async def pause_seat(self, seat: str, reason: str, *, node: str = "") -> None:
        await self._at(node).switch.pause_seat(seat, reason)

    async def unpause_seat(self, seat: str, *, node: str = "") -> None:
        await self._at(node).switch.unpause_seat(seat)

    async def hang_up(self, channel: str, *, node: str = "") -> None:
        await self._at(node).switch.hang_up(channel)

    async def mute_recording(self, call: str, *, until: datetime | None) -> None:
        await self._at(node_of(call)).switch.mute_recording(call, until=until)

    async def fact(self, call: str, kind: str, at: datetime, *, seat: str = "", **detail: str | int) -> None:
        await self._at(node_of(call)).switch.fact(call, kind, at, seat=seat, **detail)

    async def ring_out(
        self,
        call: str,
        seat: str,
        *,
        number: str,
        purpose: str = "ring_back",
        owed: str = "",
        by: str = "",
        term: int = 0,
    ) -> None:
        where = self._at(node_of(call)).switch
        await where.ring_out(call, seat, number=number, purpose=purpose, owed=owed, by=by, term=term)

    async def listen(self, call: str, party: Party, channel: str, *, other_end: bool = False) -> None:
        await self._at(node_of(call)).switch.listen(call, party, channel, other_end=other_end)

    async def unlisten(self, call: str, party: Party, channel: str) -> None:
        await self._at(node_of(call)).switch.unlisten(call, party, channel)

    async def snapshot(self, *, node: str = "") -> Snapshot:
        return await self._at(node).switch.snapshot()

    # What is asked by whoever leads, or stands by

    async def signs(self) -> Mapping[str, Sign]:
        """Ask every node that we reach what it has seen of engines."""
        reached = [station for station in self.stations.values() if station.link.ready.is_set()]
        told = await asyncio.gather(*(_sign(station.link) for station in reached))
        return {station.name: sign for station, sign in zip(reached, told, strict=True) if sign is not None}

    async def announce(self, term: int) -> None:
        """Tell every node that we reach whom to obey and whom to ask. None goes back to a lower term."""
        reached = [station for station in self.stations.values() if station.link.ready.is_set()]
        await asyncio.gather(*(self._announce(station, term) for station in reached))

    async def unfence(self) -> None:
        """Let our own node obey an engine without a term: there is only one engine."""
        await _set(self.stations[self.home].link, variables.TERM, "")

    # What keeps it going

    async def run(self) -> None:
        """Hold the links until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for station in self.stations.values():
                tasks.create_task(station.link.run())

    async def beat(self, healthy: Callable[[], bool], leads: Callable[[], bool]) -> None:
        """Show our own node that its scripts live, and all nodes that the engine does if it is ours."""

        def names(node: str) -> tuple[str, ...]:
            scripts = (variables.SCRIPTS,) if node == self.home else ()
            return (*scripts, variables.HEARTBEAT) if leads() else scripts

        async with asyncio.TaskGroup() as tasks:
            for station in self.stations.values():
                tasks.create_task(station.link.beat(healthy, partial(names, station.name)))

    def close(self) -> None:
        for station in self.stations.values():
            station.link.close()

    def _at(self, node: str) -> Station:
        station = self.stations.get(node or self.home)
        if station is None and len(self.stations) == 1:
            station = self.stations[self.home]  # a node that was given another name while calls were up
        if station is None:
            raise SwitchFailed(f"there is no node {node}")
        return station

    async def _announce(self, station: Station, term: int) -> None:
        seen = await _sign(station.link)
        if seen is None or seen.term > term:
            return
        await _set(station.link, variables.TERM, str(term))
        await _set(station.link, variables.LEADER_AGI, self._agi)
        await _set(station.link, variables.HEARTBEAT, str(int(time.time())))


async def _sign(link: AMILink) -> Sign | None:
    try:
        term, heartbeat = await asyncio.gather(
            *(
                link.ask({"Action": "Getvar", "Variable": name}, SIGN_SECONDS)
                for name in (variables.TERM, variables.HEARTBEAT)
            )
        )
    except (AMIDown, TimeoutError) as error:
        log.warning("a node does not say whom it obeys: %r", error)
        return None
    number = term.headers.get("Value", "")
    return Sign(int(number) if number.isdecimal() else 0, heartbeat.headers.get("Value", ""))


async def _set(link: AMILink, name: str, value: str) -> None:
    try:
        answer = await link.ask({"Action": "Setvar", "Variable": name, "Value": value}, SIGN_SECONDS)
        if not answer.ok:
            log.error("a node does not take %s: %s", name, answer.message)
    except (AMIDown, TimeoutError) as error:
        log.warning("a node was not told %s: %r", name, error)
