"""Whatever was lost, late, doubled or reordered: after comparing, the model is what the exchange says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.engine import Declined, Engine
from routing.line import SeatState
from routing.live import ON_CALL
from routing.switch import Connected, Snapshot, Waiting
from tests.routing.exchange import Hall, at

SEATS = ("s1001", "s1002", "s1003")
CALLS = ("c1", "c2", "c3", "c4")
Word = Callable[[Engine], None]


@dataclass
class TrueExchange:
    """What really happens, and the words the exchange says about it."""

    waiting: dict[str, datetime] = field(default_factory=dict)
    ringing: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    talking: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    second: int = 10

    def step(self, call: str, seat: str, kind: int) -> None:
        """Let the call do what it can do next; `kind` picks one of the ways on."""
        self.second += 1
        now = at(self.second)
        busy = {name for name, _ in (*self.ringing.values(), *self.talking.values())}
        if call in self.talking:
            self._end(call, now)
        elif call in self.ringing:
            self._after_ringing(call, kind, now)
        elif call not in self.waiting:
            self.waiting[call] = now
            self.words.append(lambda engine: engine.caller_joined(call, f"PJSIP/{call}", "", now))
        elif kind == 0 or seat in busy:
            del self.waiting[call]
            self.words.append(lambda engine: engine.caller_left(call, now))
            self.words.append(lambda engine: engine.caller_gone(call, now))
        else:
            del self.waiting[call]
            self.ringing[call] = (seat, now)
            self.words.append(lambda engine: engine.caller_left(call, now))
            self.words.append(lambda engine: engine.seat_offered(call, seat, now))

    def _after_ringing(self, call: str, kind: int, now: datetime) -> None:
        seat, _ = self.ringing.pop(call)
        if kind == 0:
            self.waiting[call] = now
            self.words.append(lambda engine: engine.seat_refused(call, seat, Declined.NO_ANSWER, now))
            self.words.append(lambda engine: engine.caller_joined(call, f"PJSIP/{call}", "", now))
        else:
            self.talking[call] = (seat, now)
            self.words.append(lambda engine: engine.seat_answered(call, seat, f"PJSIP/{seat}", now))

    def _end(self, call: str, now: datetime) -> None:
        del self.talking[call]
        self.words.append(lambda engine: engine.talk_ended(call, now))

    def snapshot(self) -> Snapshot:
        ringing = [
            Connected(call, f"PJSIP/{call}", "", seat, f"PJSIP/{seat}", since)
            for call, (seat, since) in self.ringing.items()
        ]
        talking = [
            Connected(call, f"PJSIP/{call}", "", seat, f"PJSIP/{seat}", since, since)
            for call, (seat, since) in self.talking.items()
        ]
        waiting = [Waiting(call, f"PJSIP/{call}", "", since) for call, since in self.waiting.items()]
        return Snapshot(at(self.second + 1), waiting=tuple(waiting), talks=(*ringing, *talking))


STEPS = st.lists(st.tuples(st.sampled_from(CALLS), st.sampled_from(SEATS), st.integers(0, 2)), max_size=25)


def lived(steps: list[tuple[str, str, int]]) -> TrueExchange:
    exchange = TrueExchange()
    for call, seat, kind in steps:
        exchange.step(call, seat, kind)
    return exchange


def manned() -> Hall:
    hall = Hall()
    hall.man(*SEATS)
    return hall


def check_sense(hall: Hall) -> None:
    """Check what must hold after every single word."""
    line = hall.line
    promised = [lease.seat for lease in line.leases.values()]
    assert len(promised) == len(set(promised)), "a seat is promised to two callers"
    at_seats = [talk.seat for talk in line.talks.values()]
    assert len(at_seats) == len(set(at_seats)), "a seat is in two talks"
    assert not set(promised) & set(at_seats), "a seat in a talk is promised to a caller"
    assert not set(line.callers) & set(line.talks), "a caller waits and talks"
    for seat in line.seats.values():
        talk = line.talk_of(seat.id)
        assert (seat.state in ON_CALL) == (talk is not None)
        assert seat.call == (talk.call if talk else "")
        assert talk is None or talk.state is seat.state


def check_equal(hall: Hall, snapshot: Snapshot) -> None:
    line = hall.line
    assert set(line.callers) == {each.call for each in snapshot.waiting}
    assert {(t.call, t.seat, t.state) for t in line.talks.values()} == {
        (t.call, t.seat, SeatState.TALKING if t.answered_at else SeatState.RINGING) for t in snapshot.talks
    }


@given(STEPS)
def test_when_every_word_is_heard_in_order_there_is_nothing_to_repair(
    steps: list[tuple[str, str, int]],
) -> None:
    hall, exchange = manned(), lived(steps)
    for word in exchange.words:
        word(hall.engine)
        check_sense(hall)
    check_equal(hall, exchange.snapshot())
    assert hall.engine.reconcile(exchange.snapshot(), at(exchange.second + 1)) == []


@settings(max_examples=200)
@given(STEPS, st.data())
def test_after_lost_doubled_and_reordered_words_the_model_is_what_the_exchange_says(
    steps: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    hall, exchange = manned(), lived(steps)
    if exchange.words:
        places = st.integers(0, len(exchange.words) - 1)
        for place in data.draw(st.lists(places, max_size=2 * len(exchange.words))):
            exchange.words[place](hall.engine)
            check_sense(hall)
    snapshot = exchange.snapshot()
    hall.engine.reconcile(snapshot, at(exchange.second + 1))
    check_sense(hall)
    check_equal(hall, snapshot)
    hall.engine.tick(at(exchange.second + 4))  # promises of before have run out; those of now are fresh
    assert hall.engine.reconcile(snapshot, at(exchange.second + 5)) == []


@given(STEPS, st.data())
def test_callers_are_promised_strictly_in_order_of_arrival(
    steps: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    hall, exchange = manned(), lived(steps)
    for word in exchange.words:
        before = dict(hall.line.leases)
        word(hall.engine)
        promised = [
            hall.line.callers[call].since
            for call, lease in hall.line.leases.items()
            if before.get(call) is not lease and call in hall.line.callers
        ]
        left = [caller.since for caller in hall.line.unassigned()]
        assert not promised or not left or max(promised) <= min(left)
        if data.draw(st.booleans()):
            seat = data.draw(st.sampled_from(SEATS))
            if hall.state(seat) is SeatState.BREAK:
                hall.engine.ready(seat, at=at(exchange.second))


def test_what_was_heard_after_the_snapshot_was_asked_for_is_newer_than_it() -> None:
    hall = manned()
    hall.talk("c1", "s1001", 10)
    hall.engine.caller_joined("c2", "PJSIP/c2", "", at(20.5))
    hall.engine.caller_joined("c3", "PJSIP/c3", "", at(12))
    hall.engine.caller_left("c3", at(20.6))
    hall.engine.talk_ended("c1", at(20.7))
    asked_before = Snapshot(
        at(20),
        waiting=(Waiting("c3", "PJSIP/c3", "", at(12)),),
        talks=(Connected("c1", "PJSIP/c1", "", "s1001", "PJSIP/s1001-1", at(10), at(13)),),
    )
    assert hall.engine.reconcile(asked_before, at(21)) == []
    assert set(hall.line.callers) == {"c2"}
    assert hall.state("s1001") is SeatState.WRAP_UP


def test_a_seat_stuck_in_a_talk_that_is_over_is_freed_and_the_cause_named() -> None:
    hall = manned()
    hall.talk("c1", "s1001", 10)
    repairs = hall.engine.reconcile(Snapshot(at(60)), at(60))
    assert [(each.what, each.id, each.cause) for each in repairs] == [
        ("talk", "c1", "ended at s1001 unheard")
    ]
    assert (hall.state("s1001"), hall.seat("s1001").wrap_up_until) == (SeatState.WRAP_UP, at(90))


def test_a_hold_survives_a_snapshot_which_cannot_see_it() -> None:
    hall = manned()
    hall.talk("c1", "s1001", 10)
    hall.engine.held("c1", at(20))
    talk = Connected("c1", "PJSIP/c1", "", "s1001", "PJSIP/s1001-1", at(10), at(13))
    assert hall.engine.reconcile(Snapshot(at(60), talks=(talk,)), at(60)) == []
    assert hall.state("s1001") is SeatState.HOLD


def test_a_missed_return_to_the_line_keeps_the_place_and_tries_another_seat() -> None:
    hall = manned()
    hall.engine.caller_joined("c1", "PJSIP/c1", "", at(10))
    hall.engine.caller_left("c1", at(10.1))
    hall.engine.seat_offered("c1", "s1001", at(10.2))
    hall.engine.reconcile(Snapshot(at(30), waiting=(Waiting("c1", "PJSIP/c1", "", at(22)),)), at(30))
    assert hall.line.callers["c1"].since == at(10)
    assert hall.line.leases["c1"].seat == "s1002"


def test_a_caller_whose_arrival_was_missed_has_the_place_the_exchange_says() -> None:
    hall = Hall()
    hall.engine.caller_joined("c2", "PJSIP/c2", "", at(15))
    waiting = (Waiting("c1", "PJSIP/c1", "13800001234", at(12)), Waiting("c2", "PJSIP/c2", "", at(15)))
    hall.engine.reconcile(Snapshot(at(30), waiting=waiting), at(30))
    assert [caller.call for caller in hall.line.waiting()] == ["c1", "c2"]
    assert hall.line.callers["c1"].number == "13800001234"
