"""Whatever is lost, late, doubled or reordered, on two nodes, with calls that we owe and callers who press keys:

no seat is ever in two calls or promised twice, nobody is overtaken in his class, and after comparing with each node the
model is what the nodes say.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.engine import Declined, Engine
from routing.line import SeatState
from routing.live import ON_CALL, OwedCall, node_of
from routing.switch import Connected, Member, Snapshot, Waiting
from tests.routing.exchange import Hall, at

NODES = ("hotline1", "hotline2")
CALLS = tuple(f"{node}-{number}.0" for node in NODES for number in (1, 2, 3))
SEATS = {"s1001": "hotline1", "s1002": "hotline1", "s1003": "hotline2"}
OWN = {node: seat for seat, node in SEATS.items()}
OWED = ("hotline1-8.0", "hotline2-9.0")
Word = Callable[[Engine], None]


@dataclass
class Cluster:
    """What really happens on two nodes, and the words in which they say it."""

    since: dict[str, datetime] = field(default_factory=dict)
    place: dict[str, str] = field(default_factory=dict)  # line | round | aside | ringing | talking
    seat: dict[str, str] = field(default_factory=dict)
    began: dict[str, datetime] = field(default_factory=dict)
    words: list[tuple[str, Word]] = field(default_factory=list)
    second: float = 10

    def step(self, call: str, kind: int, seat: str) -> None:
        """Let a call do what it can do next; `kind` picks one of the ways on."""
        self.second += 1
        place, now = self.place.get(call, "away"), at(self.second)
        if place == "away":
            self.since.setdefault(call, now)
            self._stands(call, "line", now)
        elif place == "talking":
            self._over(call, now)
        elif place == "ringing":
            self._after_ringing(call, kind, now)
        elif kind == 0:
            self._over(call, now)
        elif kind == 1 and place == "line":
            self._say(call, lambda engine: engine.caller_left(call, now))
            self._stands(call, "aside", now + timedelta(milliseconds=1))
        elif kind == 2 and place == "line":
            # A round of waiting ends: he is told how long it will take, and waits on.
            self._say(call, lambda engine: engine.caller_left(call, now))
            self._stands(call, "line", now + timedelta(milliseconds=1))
        elif place == "aside":
            self._stands(call, "line", now)
        elif seat not in self.seat.values():
            self._rings(call, seat, now)

    def snapshot(self, node: str) -> Snapshot:
        mine = [call for call in self.place if node_of(call) == node]
        return Snapshot(
            at(self.second + 1),
            waiting=tuple(
                Waiting(call, f"PJSIP/{call}", "138", self.since[call], aside=self.place[call] == "aside")
                for call in mine
                if self.place[call] in ("line", "aside")
            ),
            talks=tuple(
                Connected(
                    call,
                    f"PJSIP/{call}",
                    "138",
                    self.seat[call],
                    f"PJSIP/{self.seat[call]}-{call}",
                    self.began[call],
                    self.began[call] if self.place[call] == "talking" else None,
                    arrived=self.since[call],
                )
                for call in mine
                if self.place[call] in ("ringing", "talking")
            ),
            node=node,
        )

    def _stands(self, call: str, place: str, now: datetime) -> None:
        self.place[call] = place
        since, aside = self.since[call], place == "aside"

        def word(engine: Engine) -> None:
            told = engine.caller_aside if aside else engine.caller_joined
            told(call, f"PJSIP/{call}", "138", now, since=since)

        self._say(call, word)

    def _rings(self, call: str, seat: str, now: datetime) -> None:
        self.place[call], self.seat[call], self.began[call] = "ringing", seat, now
        self._say(call, lambda engine: engine.caller_left(call, now))
        self._say(call, lambda engine: engine.seat_offered(call, seat, now))

    def _after_ringing(self, call: str, kind: int, now: datetime) -> None:
        seat = self.seat[call]
        if kind == 0:
            del self.seat[call]
            self._say(call, lambda engine: engine.seat_refused(call, seat, Declined.NO_ANSWER, now))
            self._stands(call, "line", now + timedelta(milliseconds=1))
        else:
            self.place[call], self.began[call] = "talking", now
            channel = f"PJSIP/{seat}-{call}"
            self._say(call, lambda engine: engine.seat_answered(call, seat, channel, now))

    def _over(self, call: str, now: datetime) -> None:
        del self.place[call]
        self.seat.pop(call, None)
        self._say(call, lambda engine: engine.talk_ended(call, now))

    def _say(self, call: str, word: Word) -> None:
        self.words.append((node_of(call), word))


STEPS = st.lists(
    st.tuples(st.sampled_from(CALLS), st.integers(0, 3), st.sampled_from(sorted(SEATS))), max_size=30
)


def lived(steps: list[tuple[str, int, str]]) -> Cluster:
    cluster = Cluster()
    for call, kind, seat in steps:
        cluster.step(call, kind, seat)
    return cluster


def manned() -> Hall:
    hall = Hall(node=NODES[0])
    hall.engine.asterisk_up(Snapshot(at(0), node=NODES[1]), at(0))
    for second, (seat, node) in enumerate(SEATS.items()):
        hall.seats(seat, second, node=node)
        hall.engine.ready(seat, at=at(second))
    return hall


def check_sense(hall: Hall) -> None:
    """Check what must hold after every single word."""
    line = hall.line
    promised = [lease.seat for lease in line.leases.values()]
    at_seats = [talk.seat for talk in line.talks.values()]
    assert len(promised) == len(set(promised)), "a seat is promised to two callers"
    assert len(at_seats) == len(set(at_seats)), "a seat is in two talks"
    assert not set(promised) & set(at_seats), "a seat in a talk is promised to a caller"
    assert not set(line.callers) & set(line.talks), "a caller waits and talks"
    assert not set(line.callers) & set(line.gone), "a caller waits and has gone"
    assert not [call for call in line.leases if call in line.callers and line.callers[call].aside]
    assert {seat.id for seat in line.free_seats()} == {
        seat.id
        for seat in line.seats.values()
        if seat.state is SeatState.READY and seat.id not in set(promised)
    }
    for seat in line.seats.values():
        talk = line.talk_of(seat.id)
        assert (seat.state in ON_CALL) == (talk is not None)
        assert seat.call == (talk.call if talk else "")


def check_equal(hall: Hall, cluster: Cluster) -> None:
    line = hall.line
    citizens = {call: caller for call, caller in line.callers.items() if not caller.ring_back}
    assert {(call, caller.aside) for call, caller in citizens.items()} == {
        (call, place == "aside") for call, place in cluster.place.items() if place in ("line", "aside")
    }
    assert {(talk.call, talk.seat, talk.state is SeatState.RINGING) for talk in line.talks.values()} == {
        (call, seat, cluster.place[call] == "ringing") for call, seat in cluster.seat.items()
    }
    assert all(caller.since == cluster.since[call] for call, caller in citizens.items())


def owe(hall: Hall, call: str, seconds: float) -> None:
    hall.engine.ring_back_joins(OwedCall(call, "13850123456", at(seconds)), at(9))


def compare(hall: Hall, cluster: Cluster, seconds: float) -> int:
    """Compare with both nodes; return how much was repaired of callers and talks."""
    repairs = [
        repair
        for node in NODES
        for repair in hall.engine.reconcile(cluster.snapshot(node), at(seconds))
        if repair.what != "member"
    ]
    return len(repairs)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.data())
def test_when_all_is_heard_in_the_order_of_each_node_there_is_nothing_to_repair_and_nobody_is_overtaken(
    steps: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    """Each node rings its own seats here: what two nodes say of one seat may cross on the way, and is repaired then."""
    own = [
        (call, kind, seat if SEATS[seat] == node_of(call) else OWN[node_of(call)])
        for call, kind, seat in steps
    ]
    hall, cluster = manned(), lived(own)
    queues = {node: [word for each, word in cluster.words if each == node] for node in NODES}
    while any(queues.values()):
        node = data.draw(st.sampled_from([node for node in NODES if queues[node]]))
        leases = dict(hall.line.leases)
        queues[node].pop(0)(hall.engine)
        check_sense(hall)
        new = {call for call, lease in hall.line.leases.items() if leases.get(call) is not lease}
        left = [each.since for each in hall.line.unassigned() if not each.refused_by]
        assert not new or not left or max(hall.line.callers[call].since for call in new) <= min(left)
    check_equal(hall, cluster)
    assert compare(hall, cluster, cluster.second + 1) == 0


@settings(max_examples=300, deadline=None)
@given(STEPS, st.data())
def test_after_words_lost_doubled_and_reordered_each_node_puts_its_own_right(
    steps: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    hall, cluster = manned(), lived(steps)
    for call in data.draw(st.sets(st.sampled_from(OWED))):
        owe(hall, call, data.draw(st.integers(0, 30)))
    owed = {caller.ring_back for caller in hall.line.callers.values()}
    if cluster.words:
        places = st.integers(0, len(cluster.words) - 1)
        for place in data.draw(st.lists(places, max_size=2 * len(cluster.words))):
            cluster.words[place][1](hall.engine)
            check_sense(hall)
    compare(hall, cluster, cluster.second + 1)
    check_sense(hall)
    check_equal(hall, cluster)
    assert {caller.ring_back for caller in hall.line.callers.values() if caller.ring_back} == owed
    hall.engine.tick(at(cluster.second + 4))
    assert compare(hall, cluster, cluster.second + 5) == 0


@settings(max_examples=150, deadline=None)
@given(STEPS, st.sampled_from(NODES), st.data())
def test_a_node_that_is_not_heard_for_a_while_is_right_again_afterwards(
    steps: list[tuple[str, int, str]], deaf: str, data: st.DataObject
) -> None:
    hall, cluster = manned(), lived(steps)
    breaks, heals = sorted(data.draw(st.tuples(st.integers(0, 40), st.integers(0, 40))))
    for number, (node, word) in enumerate(cluster.words):
        if number == breaks:
            hall.engine.asterisk_down(at(cluster.second), node=deaf)
        if not (node == deaf and breaks <= number < heals):
            leases = dict(hall.line.leases)
            word(hall.engine)
            check_sense(hall)
            new = {call for call, lease in hall.line.leases.items() if leases.get(call) is not lease}
            assert number < breaks or deaf not in map(node_of, new), "promised where nobody is heard"
    hall.engine.asterisk_up(cluster.snapshot(deaf), at(cluster.second + 1))
    check_sense(hall)
    compare(hall, cluster, cluster.second + 1)
    check_equal(hall, cluster)


ARRIVALS = st.lists(
    st.tuples(st.sampled_from(("hotline1", "hotline2", "owed")), st.integers(0, 50)), min_size=1, max_size=12
)


@settings(max_examples=150, deadline=None)
@given(ARRIVALS, st.randoms(use_true_random=False))
def test_callers_of_both_nodes_and_calls_we_owe_get_seats_strictly_in_the_order_of_arrival(
    arrivals: list[tuple[str, int]], dice: Random
) -> None:
    hall = Hall(node=NODES[0])
    hall.engine.asterisk_up(Snapshot(at(0), node=NODES[1]), at(0))
    heard = list(enumerate(arrivals))
    dice.shuffle(heard)
    for number, (where, second) in heard:
        if where == "owed":
            owe(hall, f"hotline1-9{number}.0", second)
        else:
            call = f"{where}-{number}.0"
            hall.engine.caller_joined(call, f"PJSIP/{call}", "", at(100), since=at(second))
    served: list[datetime] = []
    for number in range(len(arrivals)):
        hall.seats(f"s{1000 + number}", 100 + number)
        hall.engine.ready(f"s{1000 + number}", at=at(100 + number))
        served += [hall.line.callers[call].since for call in list(hall.line.leases)[number:]]
    assert len(served) == len(arrivals)
    assert served == sorted(served)


@settings(max_examples=100, deadline=None)
@given(STEPS, st.lists(st.sampled_from(sorted(SEATS)), max_size=6), st.data())
def test_members_are_what_the_seats_are_whatever_the_nodes_had_heard(
    steps: list[tuple[str, int, str]], strangers: list[str], data: st.DataObject
) -> None:
    hall, cluster = manned(), lived(steps)
    for _, word in cluster.words:
        word(hall.engine)
    for node in NODES:
        found = tuple(Member(seat, paused=data.draw(st.booleans())) for seat in dict.fromkeys(strangers))
        picture = cluster.snapshot(node)
        hall.engine.reconcile(
            Snapshot(picture.at, picture.waiting, picture.talks, found, node), at(cluster.second + 1)
        )
    for node in NODES:
        told = {place for place in hall.engine._members._told if place[0] == node}
        wrong = {place for place in told if hall.engine._members.differs(place)}
        assert wrong <= set(hall.engine._members.differing(node)) | set(hall.engine._members._orphans)
