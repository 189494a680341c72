"""The AMI link, the switch and the listener against a real Asterisk, and with the engine behind them."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.ami import LINK_DOWN, LINK_UP, AMILink
from agi_scripts.ami_lines import AMIDown
from agi_scripts.events import Listener
from agi_scripts.server import Script
from agi_scripts.switch import AsteriskSwitch
from routing.engine import Engine, LineSettings
from routing.line import Line, Seat, SeatState
from routing.switch import SwitchFailed
from tests.agi_scripts.agi_world import until
from tests.agi_scripts.ami_world import held, next_event
from tests.asterisk import harness
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard
from tests.sip import Telephone, eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]


def now() -> datetime:
    return datetime.now(UTC)


def link_to(board: Switchboard, *, port: int = 0, secret: str = "") -> AMILink:
    settings = board.settings
    return AMILink(
        port=port or settings.ami_port, username="hotline", secret=secret or settings.ami_secret, pause=0.1
    )


class CuttingProxy:
    """Passes bytes on, may keep Asterisk's answers back, and cuts the line."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.holding = False
        self.sent = b""
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def stop(self) -> None:
        self._server.close()
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers += [writer, far_writer]
        await asyncio.gather(self._up(reader, far_writer), self._down(far_reader, writer))

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with_end = False
        while not with_end:
            data = await _read(reader)
            with_end = not data
            self.sent += data
            writer.write(data)

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await _read(reader):
            if not self.holding:
                writer.write(data)


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(65536)
    except ConnectionError:
        return b""


async def test_every_command_of_the_engine_is_taken_by_asterisk(switchboard: Switchboard) -> None:
    async with held(link_to(switchboard)) as link:
        asterisk = AsteriskSwitch(link, now=now)
        await asterisk.add_seat("s1001", "陈小明")
        await asterisk.add_seat("s1001", "陈小明")
        assert [(m.seat, m.paused) for m in (await asterisk.snapshot()).members] == [("s1001", True)]
        await asterisk.unpause_seat("s1001")
        assert [m.paused for m in (await asterisk.snapshot()).members] == [False]
        await asterisk.pause_seat("s1001", "喝茶")
        assert [m.reason for m in (await asterisk.snapshot()).members] == ["喝茶"]
        await asterisk.remove_seat("s1001")
        await asterisk.remove_seat("s1001")
        assert (await asterisk.snapshot()).members == ()
        await asterisk.hang_up("PJSIP/nobody-00000001")
        with pytest.raises(SwitchFailed, match="Redirect"):
            await asterisk.assign("x", "s1001", channel="PJSIP/nobody-00000001", reason="x")


async def test_a_fact_arrives_in_queue_log_as_one_line(switchboard: Switchboard) -> None:
    async with held(link_to(switchboard)) as link:
        await AsteriskSwitch(link, now=now).fact("hotline1-1.0", "HOLD", now(), seat="s1001", why="茶|\n,x")
    line = next(row for row in switchboard.queue_log() if row[4] == "HOTLINE_HOLD")
    assert line[1:4] == ["hotline1-1.0", "hotline", "s1001"]
    assert line[5].startswith("at=")
    assert len(line) == 6


async def test_the_heartbeat_is_seen_by_the_dialplan(switchboard: Switchboard) -> None:
    async with held(link_to(switchboard)) as link:
        beating = asyncio.create_task(link.beat(lambda: True))
        await eventually(
            lambda: f"HOTLINE_HEARTBEAT={int(time.time())}"[:-2] in switchboard.cli("dialplan show globals")
        )
        beating.cancel()


async def test_what_the_account_may_not_do_is_refused_and_said(switchboard: Switchboard) -> None:
    async with held(link_to(switchboard)) as link:
        for action in ("Command", "ModuleLoad", "GetConfig", "DBPut"):
            response = await link.ask({"Action": action, "Command": "core show version"})
            assert not response.ok, action


async def test_a_wrong_secret_is_explained(switchboard: Switchboard) -> None:
    link = link_to(switchboard, secret="wrong")
    async with held(link, ready=False):
        await until(lambda: "refused user hotline" in link.trouble)
    assert not link.ready.is_set()


async def test_an_action_cut_before_its_answer_reaches_asterisk_once(switchboard: Switchboard) -> None:
    proxy = CuttingProxy(switchboard.settings.ami_port)
    link = link_to(switchboard, port=await proxy.start())
    async with held(link):
        proxy.holding = True
        asterisk = AsteriskSwitch(link, now=now)
        telling = asyncio.create_task(asterisk.fact("hotline1-7.7", "ONCE", now()))
        await until(lambda: b"HOTLINE_ONCE" in proxy.sent)
        await eventually(lambda: [row for row in switchboard.queue_log() if row[4] == "HOTLINE_ONCE"])
        proxy.cut()
        proxy.holding = False
        with pytest.raises(SwitchFailed):
            await telling
        await next_event(link, LINK_DOWN)
        await next_event(link, LINK_UP)
        assert (await link.ask({"Action": "Ping"})).ok
    assert proxy.sent.count(b"HOTLINE_ONCE") == 1
    assert len([row for row in switchboard.queue_log() if row[4] == "HOTLINE_ONCE"]) == 1
    proxy.stop()


@asynccontextmanager
async def own_switchboard() -> AsyncIterator[Switchboard]:
    if harness.find_asterisk() is None:
        pytest.skip("there is no Asterisk of version 20 or newer here; `make setup` gets one")
    with (
        tempfile.TemporaryDirectory(prefix="hl-", dir="/tmp") as folder,
        harness.switchboard_in(Path(folder)) as board,
    ):
        yield board


async def test_a_frozen_asterisk_is_noticed_within_twelve_seconds_and_found_again() -> None:
    async with own_switchboard() as board, held(link_to(board)) as link:
        await next_event(link, LINK_UP)
        began = time.monotonic()
        os.kill(board.process.pid, signal.SIGSTOP)
        try:
            await next_event(link, LINK_DOWN)
            noticed = time.monotonic() - began
            with pytest.raises(AMIDown):
                await link.ask({"Action": "Ping"})
        finally:
            os.kill(board.process.pid, signal.SIGCONT)
        before = link.epoch
        assert (await next_event(link, LINK_UP))["Epoch"] == before
    assert noticed < 12


async def test_an_asterisk_that_was_killed_is_another_one_when_it_is_back() -> None:
    async with own_switchboard() as board, held(link_to(board)) as link:
        await next_event(link, LINK_UP)
        first = link.epoch
        board.kill()
        await next_event(link, LINK_DOWN)
        await asyncio.sleep(1)  # Asterisk tells its start in whole seconds
        board.start()
        await next_event(link, LINK_UP)
        assert link.epoch > first


# With the engine.


@dataclass
class Desk:
    """The engine between real telephones, with its states written into a list."""

    link: AMILink
    engine: Engine
    states: list[tuple[str, SeatState]] = field(default_factory=list)

    def seat(self, name: str = "s1001") -> Seat:
        return self.engine.line.seats[name]

    async def becomes(self, state: SeatState, name: str = "s1001") -> None:
        await until(lambda: self.seat(name).state is state, 15)


@asynccontextmanager
async def desk_at(board: Switchboard) -> AsyncIterator[Desk]:
    link = link_to(board)
    asterisk = AsteriskSwitch(link, now=now)
    states: list[tuple[str, SeatState]] = []

    async def record(seat: Seat) -> None:
        states.append((seat.id, seat.state))

    engine = Engine(Line(), asterisk, LineSettings(), now=now, record=record)
    async with held(link):
        parts = [engine.run(), Listener(link, asterisk, engine, now=now).run(), link.beat(lambda: True)]
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await until(lambda: engine.line.linked)
            yield Desk(link, engine, states)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def sit_down(people: People, desk: Desk, name: str = "s1001") -> Telephone:
    seat = await people.telephone(people.switchboard.let_in(name, "hotline-seats"))
    desk.engine.sign_on(name, agent=name.removeprefix("s"), name="陈小明", at=now())
    desk.engine.phone(name, registered=True, mic=True, at=now())
    desk.engine.ready(name, at=now())
    await desk.becomes(SeatState.READY, name)
    return seat


@pytest.fixture
def to_the_line(scripts: Scripts) -> None:
    async def incoming(call: AGISession) -> None:
        await call.route("line")

    async def survey(call: AGISession) -> None:
        await call.route("end")

    scripts |= {"incoming": incoming, "survey": survey}


@pytest.mark.usefixtures("to_the_line")
async def test_a_caller_is_given_to_the_ready_seat_talks_and_the_seat_finishes_its_work(
    switchboard: Switchboard, people: People
) -> None:
    async with desk_at(switchboard) as desk:
        seat = await sit_down(people, desk)
        citizen = await people.citizen("13850123456")
        await citizen.dials()
        await seat.answers()
        await desk.becomes(SeatState.TALKING)
        talk = desk.engine.line.talk_of("s1001")
        assert talk is not None
        assert talk.number == "13850123456"
        assert talk.call == switchboard.facts("OFFERED")[0].call
        assert desk.engine.line.waiting() == []
        desk.engine.hang_up("s1001", at=now())
        await desk.becomes(SeatState.WRAP_UP)
        await seat.is_hung_up()
    assigned = [row for row in switchboard.queue_log() if row[4] == "HOTLINE_ASSIGN" and row[1] == talk.call]
    assert [row[3] for row in assigned] == ["s1001"]
    states = [state for _, state in desk.states]
    assert states[-3:] == [SeatState.RINGING, SeatState.TALKING, SeatState.WRAP_UP]


@pytest.mark.usefixtures("to_the_line")
async def test_a_refused_call_goes_to_the_next_seat(switchboard: Switchboard, people: People) -> None:
    async with desk_at(switchboard) as desk:
        first = await sit_down(people, desk, "s1001")
        second = await sit_down(people, desk, "s1002")
        citizen = await people.citizen()
        await citizen.dials()
        await first.refuses()
        await second.answers()
        await desk.becomes(SeatState.TALKING, "s1002")
        assert desk.seat("s1001").state is SeatState.BREAK
        await citizen.hangs_up()
        await desk.becomes(SeatState.WRAP_UP, "s1002")


@pytest.mark.usefixtures("to_the_line")
async def test_a_caller_who_gives_up_while_the_seat_rings_frees_the_seat(
    switchboard: Switchboard, people: People
) -> None:
    async with desk_at(switchboard) as desk:
        seat = await sit_down(people, desk)
        citizen = await people.citizen()
        await citizen.dials()
        await seat.rings()
        await desk.becomes(SeatState.RINGING)
        await citizen.hangs_up()
        await desk.becomes(SeatState.READY)
        assert desk.engine.line.callers == {}
        assert desk.engine.line.talks == {}


@pytest.mark.usefixtures("to_the_line")
async def test_an_engine_that_starts_late_finds_who_waits_and_who_talks(
    switchboard: Switchboard, people: People
) -> None:
    async with desk_at(switchboard) as desk:
        seat = await sit_down(people, desk)
        await (await people.citizen("13850000001")).dials()
        await seat.answers()
        await desk.becomes(SeatState.TALKING)
        await (await people.citizen("13850000002")).dials()
        await until(lambda: len(desk.engine.line.callers) == 1)
    async with desk_at(switchboard) as later:
        await until(lambda: later.engine.line.callers and later.engine.line.talks)
        (waits,), (talk,) = later.engine.line.waiting(), later.engine.line.talks.values()
        assert (waits.number, talk.number) == ("13850000002", "13850000001")
        assert (talk.seat, talk.state) == ("s1001", SeatState.TALKING)


@pytest.mark.usefixtures("to_the_line")
async def test_a_seat_whose_telephone_is_switched_off_is_given_no_call(
    switchboard: Switchboard, people: People
) -> None:
    async with desk_at(switchboard) as desk:
        seat = await sit_down(people, desk)
        await seat.phone.stop()
        await desk.becomes(SeatState.DISABLED)
        await (await people.citizen()).dials()
        await until(lambda: len(desk.engine.line.callers) == 1)
        assert desk.engine.line.leases == {}
