"""A citizen asks to be rung, and is: from key 9 to the closed debt, over a real Asterisk, the engine and the store."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from functools import partial
from zoneinfo import ZoneInfo

import pytest

import cases.ring_backs as policy
from agi_scripts import switch as switch_module
from agi_scripts.ami import AMILink
from agi_scripts.events import Listener
from agi_scripts.parts import Parts
from agi_scripts.picture import wish
from agi_scripts.records import Follower, Tail, files_of
from agi_scripts.server import Script
from agi_scripts.server import scripts as all_scripts
from agi_scripts.switch import AsteriskSwitch
from agi_scripts.witness import Witness
from cases.call_facts import read_cel
from cases.call_record import derive
from cases.ring_backs import Quiet
from routing.engine import Engine, LineSettings
from routing.line import Line
from routing.live import Seat, SeatState
from routing.ring_back_loop import RingBackLoop
from storage import calls, ring_backs
from storage.engine import Store
from storage.ring_backs import Owed
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of
from tests.asterisk.test_incoming import callers
from tests.asterisk.test_outgoing import CITIZEN, citizen
from tests.fakes import FakeVoice
from tests.sip import eventually

pytestmark = pytest.mark.asterisk

CITY = ZoneInfo("Asia/Shanghai")
NEVER = Quiet(time(0), time(0), CITY)


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def a_process(
    switchboard: Switchboard, kept: Store, witness: Witness | None = None
) -> AsyncIterator[Engine]:
    """Our process, as far as a call back needs it: it may be ended and begun anew."""

    async def record(_: Seat) -> None:
        """The states of seats are not what is looked at here."""

    settings = switchboard.settings
    link = AMILink(port=settings.ami_port, username="hotline", secret=settings.ami_secret)
    switch = AsteriskSwitch(link, now=now, node="hotline1", witness=witness)
    engine = Engine(Line(), switch, LineSettings(), now=now, record=record, node="hotline1")
    follower = Follower(kept, [Tail(file) for file in files_of("hotline1", switchboard.folder / "log")])
    loop = RingBackLoop(kept, engine, NEVER, node="hotline1", now=now, read_wish=wish)
    parts = [
        link.run(),
        engine.run(),
        Listener(link, switch, engine, now=now, node="hotline1", witness=witness).run(),
        loop.run(),
    ]
    parts += [link.beat(lambda: True), follower.run(asyncio.Event())]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part) for part in parts]
        await eventually(lambda: engine.line.linked)
        yield engine
        for task in tasks:
            task.cancel()
    link.close()


def sit_down(engine: Engine) -> None:
    engine.sign_on("s1001", agent="1001", name="李燕", at=now(), node="hotline1")
    engine.phone("s1001", registered=True, mic=True, at=now())
    engine.ready("s1001", at=now())


@pytest.fixture
def talking_scripts(switchboard: Switchboard, scripts: dict[str, Script], kept: Store) -> dict[str, Script]:
    for file in files_of("hotline1", switchboard.folder / "log"):
        if file.path.exists():
            os.truncate(file.path, 0)  # calls of other tests, which our process would owe something for
    switchboard.since = 0
    table = all_scripts(Parts(store=kept, voice=FakeVoice(), zone=CITY, now=now))
    scripts.update({name: table[name] for name in ("incoming", "callback", "survey")})
    return scripts


def as_we_have_seen_it(kept: Store, witness: Witness, call: str) -> None:
    """Asterisk could write this call down. If it could not, what we have seen would have paid the debt, too."""
    real = kept.read_now(lambda conn: calls.call(conn, call))
    seen = derive(map(read_cel, witness.lines(call)))
    assert real is not None
    assert seen is not None
    same = (
        *("number", "direction", "purpose", "owed", "by", "seat", "dial_status"),
        *("end_reason", "hung_up_by"),
    )
    assert {name: getattr(seen, name) for name in same} == {name: getattr(real, name) for name in same}
    assert abs(seen.talk_seconds - real.talk_seconds) < 0.2


def debts(kept: Store, state: str) -> list[Owed]:
    found = kept.read_now(partial(ring_backs.search, filters=ring_backs.Filters(state=state), at=now()))
    return found.rows


def tried_once(kept: Store) -> list[Owed]:
    return [debt for debt in debts(kept, "open") if debt.attempts == 1]


async def test_key_nine_keeps_the_place_and_the_debt_is_paid_by_the_talk(
    switchboard: Switchboard,
    people: People,
    talking_scripts: dict[str, Script],
    kept: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policy, "REACHED_SECONDS", 1.0)
    seat = await people.seat()
    async with a_process(switchboard, kept):
        caller = await people.citizen(CITIZEN)
        await caller.dials()
        await eventually(lambda: callers(switchboard))
        await caller.presses("9")
        await caller.hears_tone(hertz_of("callback-offer"))
        await caller.presses("1")
        await caller.is_hung_up()
        (debt,) = await eventually(lambda: debts(kept, "open"))
        assert (debt.number, debt.verified) == (CITIZEN, True)
        assert debt.since is not None
        assert debt.since < debt.asked_at
    # Our process was ended with the debt open: the next one finds it in the store.
    witness = Witness()
    async with a_process(switchboard, kept, witness) as engine:
        sit_down(engine)
        await seat.answers()
        other = await citizen(switchboard, people)
        await other.answers()
        await eventually(lambda: engine.line.seats["s1001"].state is SeatState.TALKING)
        await other.hears_tone(hertz_of("ring-back-hello"))
        await asyncio.sleep(1.5)
        await seat.hangs_up()
        await other.hears_tone(hertz_of("survey"))
        await other.hangs_up()
        (closed,) = await eventually(lambda: debts(kept, "closed"))
        assert (closed.closing_reason, closed.attempts) == ("reached", 1)
        await eventually(lambda: engine.line.seats["s1001"].state is SeatState.WRAP_UP)
        (attempt,) = kept.read_now(partial(ring_backs.attempts_of, calls=[closed.call]))[closed.call]
        assert (attempt.result, attempt.seat) == ("reached", "s1001")
        as_we_have_seen_it(kept, witness, attempt.call)
    assert len(switchboard.facts("OUTGOING")) == 1


async def test_a_citizen_who_does_not_take_it_is_tried_later_and_the_seat_is_free_again(
    switchboard: Switchboard, people: People, talking_scripts: dict[str, Script], kept: Store
) -> None:
    seat, other = await people.seat(), await citizen(switchboard, people)
    ask = partial(ring_backs.ask_ring_back, call="hotline1-1.1", number=CITIZEN, at=now(), key="k")
    await kept.write(ask)
    async with a_process(switchboard, kept) as engine:
        sit_down(engine)
        await seat.answers()
        await other.refuses()
        await seat.is_hung_up()
        (waiting,) = await eventually(lambda: tried_once(kept))
        assert waiting.next_at is not None
        assert waiting.next_at > now()
        await eventually(
            lambda: engine.line.seats["s1001"].state in (SeatState.READY, SeatState.WRAP_UP, SeatState.BREAK)
        )
        assert not engine.line.talks


@pytest.mark.parametrize("refuses", [True, False], ids=["refuses", "does-not-answer"])
async def test_the_engine_hears_that_a_seat_did_not_take_our_call_and_does_not_find_out_later(
    switchboard: Switchboard,
    people: People,
    talking_scripts: dict[str, Script],
    kept: Store,
    monkeypatch: pytest.MonkeyPatch,
    refuses: bool,
) -> None:
    monkeypatch.setattr(switch_module, "RING_OUT_SECONDS", 2)
    seat = await people.seat()
    ask = partial(ring_backs.ask_ring_back, call="hotline1-1.1", number=CITIZEN, at=now(), key="k")
    await kept.write(ask)
    async with a_process(switchboard, kept) as engine:
        sit_down(engine)
        await seat.rings()
        if refuses:
            await seat.refuses()
        await eventually(lambda: engine.line.seats["s1001"].state is SeatState.BREAK)
        known = engine.line.seats["s1001"]
        assert (known.reason, known.misses) == ("unreachable", 0)
        assert [each for each in engine.repairs if each.what == "talk"] == []
