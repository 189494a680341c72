"""Days of invented calls in every shape: with holds, hand-overs, refusals, events, work after calls and calls of ours."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.storage.call_lines import Exchange

LINES = ("12345", "12319", "12333")
SEATS = ("s1001", "s1002", "s1003", "s1004")


@dataclass
class City(Exchange):
    """Writes whole days. `shapes` says how often which shape was written."""

    SHAPES = {  # noqa: RUF012 - shape: how its calls end
        "completed": "completed",
        "caller_hung_up": "caller_hung_up",
        "seat_hung_up": "seat_hung_up",
        "held": "caller_hung_up",
        "handed_over": "caller_hung_up",
        "second_seat": "caller_hung_up",
        "abandoned_in_menu": "abandoned_in_menu",
        "abandoned_in_line": "abandoned_in_line",
        "abandoned_short": "abandoned_in_line",
        "message_left": "message_left",
        "callback_asked": "callback_asked",
        "self_service": "self_service",
        "refused": "refused",
        "event_joined": "event_joined",
        "told": "caller_hung_up",
        "told_and_left": "abandoned_in_line",
    }

    def day(self, calls: int) -> None:
        """Write calls over one day, and calls of ours beside them (one in twenty)."""
        for number in range(calls):
            shape = self._random.choice(list(self.SHAPES))
            self.line = self._random.choice(LINES)
            self.seat = self._random.choice(SEATS)
            self.written(shape, number=f"138{self._random.randrange(10**8):08d}", gap=86_000 / calls)
            if number % 20 == 0:
                self.outgoing(f"139{number:08d}", answered=number % 40 == 0)

    def written(self, shape: str, *, number: str, gap: float) -> str:
        """Write one call of the shape and note how it must end."""
        before = dict(self.expected)
        call = self.call(shape, number=number, gap=gap)
        self.expected = before
        ends = self.SHAPES[shape]
        self.expected[ends] = self.expected.get(ends, 0) + 1
        return call

    def outgoing(self, number: str, *, answered: bool, owed: str = "", purpose: str = "ring_back") -> str:
        """Ring a citizen: the seat's telephone first. The call's own channel is the seat's."""
        self.now = self.second
        call = f"{self.node}-{int(self.now)}.{20_000_000 + self.count}"
        self.count += 1
        self.number = number
        own: dict[str, Any] = {
            "unique": call,
            "name": f"PJSIP/s1001-{self.count:08x}",
            "context": "hotline-outgoing",
        }
        order = {
            "number": number,
            "purpose": purpose,
            "owed": owed,
            "seat": "s1001",
            "by": "1001",
            "recording": "",
        }
        self._event(call, "CHAN_START", **own)
        self._event(call, "HOTLINE_OUTGOING", says=order, **own)
        self._event(call, "ANSWER", after=3, **own)
        leg: dict[str, Any] = {
            "unique": f"{call}9",
            "name": f"PJSIP/carrier-{self.count:08x}",
            "context": "default",
        }
        self._event(call, "CHAN_START", **leg)
        if answered:
            self._event(call, "ANSWER", after=6, **leg)
            self._event(call, "BRIDGE_ENTER", extra={"bridge_id": call}, **own)
            self._event(call, "BRIDGE_ENTER", extra={"bridge_id": call}, **leg)
            self._event(call, "BRIDGE_EXIT", after=40, extra={"bridge_id": call}, **leg)
        ender = leg["name"]
        self._event(
            call,
            "HANGUP",
            after=0.001 if answered else 25,
            extra={"hangupcause": 16, "hangupsource": ender},
            **leg,
        )
        status = "ANSWER" if answered else "NOANSWER"
        self._event(
            call, "HOTLINE_DIALLED", says={"status": status, "seconds": "40" if answered else "0"}, **own
        )
        self._event(call, "HANGUP", extra={"hangupcause": 16, "hangupsource": ender}, **own)
        self._event(call, "LINKEDID_END", **own)
        return call

    def states(self, seat: str, changes: list[tuple[datetime, str]], *, agent: str = "1001") -> None:
        """Write the states of a seat as our engine notes them."""
        for at, state in changes:
            moment = round(at.timestamp() * 1000)
            said = f"agent={agent}&state={state}&reason=&at={moment}"
            self.queue_log.append(f"{moment // 1000}|NONE|hotline|{seat}|HOTLINE_SEAT|{said}")

    line = "12345"
    seat = "s1001"

    def _queue(self, call: str) -> None:
        wish = f"skill=&priority=0&line={self.line}"
        self._event(call, "HOTLINE_QUEUED", after=0.5, says={"returned": "0", "wish": wish})
        super()._queue(call)

    def _held(self, call: str) -> None:
        self._queue(call)
        began = self._leg(call, self.seat, rings=2)
        for kind, after in (("HOTLINE_HOLD", 10.0), ("HOTLINE_RESUME", 7.5)):
            self.now += after
            self._line(call, kind, f"at={round(self.now * 1000)}", seat=self.seat)
        self._leave(call, began, after=20.25)
        self._wrap_up(call, self.seat, 31.5)

    def _handed_over(self, call: str) -> None:
        self._queue(call)
        began = self._leg(call, self.seat, rings=3)
        self._event(call, "BRIDGE_EXIT", after=15, extra={"bridge_id": began})
        self._event(call, "APP_END", app="Dial", context="hotline-seat")
        other = SEATS[(SEATS.index(self.seat) + 1) % len(SEATS)]
        began = self._leg(call, other, rings=4)
        self._leave(call, began, after=33)
        self._wrap_up(call, other, 12)

    def _second_seat(self, call: str) -> None:
        """The first seat lets it ring, the second takes it."""
        self._queue(call)
        self._leg(call, self.seat, rings=15, answers=False)
        self._event(call, "APP_START", app="Queue", data="hotline,c", after=0.1)
        other = SEATS[(SEATS.index(self.seat) + 1) % len(SEATS)]
        self._leave(call, self._leg(call, other, rings=2), after=45)

    def _told(self, call: str) -> None:
        self._event(call, "APP_START", app="AGI", data="agi://127.0.0.1:4573/waiting", after=0.3)
        self._event(call, "HOTLINE_TOLD", says={"position": "3", "low": "60", "high": "120"}, after=1)
        self._event(call, "APP_END", app="AGI", data="agi://127.0.0.1:4573/waiting", after=4)
        self._queue(call)
        self.now += self._random.uniform(20, 160)
        self._leave(call, self._leg(call, self.seat, rings=2), after=30)

    def _told_and_left(self, call: str) -> None:
        self._event(call, "APP_START", app="AGI", data="agi://127.0.0.1:4573/waiting", after=0.3)
        self._event(call, "HOTLINE_TOLD", says={"position": "9", "low": "300", "high": ""}, after=1)
        self._end(call, by="caller", after=2)

    def _abandoned_short(self, call: str) -> None:
        self._queue(call)
        self._end(call, by="caller", after=self._random.uniform(0.5, 4.5))

    def _refused(self, call: str) -> None:
        self._event(call, "HOTLINE_REFUSED", says={"why": "calls", "number": self.number})
        self._end(call, by="dialplan/builtin", after=8)

    def _event_joined(self, call: str) -> None:
        self._event(call, "HOTLINE_EVENT", says={"event": "7", "heard": "added"})
        self._event(call, "HOTLINE_SELF_SERVICE", says={"result": "heard"})
        self._end(call, by="dialplan/builtin", after=2)

    def _leg(self, call: str, seat: str, *, rings: float, answers: bool = True) -> str:
        """Ring a seat; if it answers, both are in one bridge, whose name is returned."""
        leg, name = f"{self.node}-{int(self.now)}.{self.count}", f"PJSIP/{seat}-{self.count:08x}"
        self.count += 1
        there: dict[str, Any] = {"unique": leg, "name": name, "context": "hotline-seats"}
        self._line(
            call, "HOTLINE_ASSIGN", f"reason=longest_idle&detail=&at={round(self.now * 1000)}", seat=seat
        )
        self._event(call, "APP_START", app="Dial", data=f"PJSIP/{seat},20,g", context="hotline-seat")
        self._event(call, "CHAN_START", **there)
        if not answers:
            self._event(call, "HANGUP", after=rings, extra={"hangupcause": 16, "hangupsource": ""}, **there)
            self._event(call, "APP_END", app="Dial", context="hotline-seat")
            return ""
        self._event(call, "ANSWER", after=rings, **there)
        self._event(call, "BRIDGE_ENTER", after=0.001, extra={"bridge_id": leg}, **there)
        self._event(call, "BRIDGE_ENTER", extra={"bridge_id": leg})
        return leg

    def _leave(self, call: str, bridge: str, *, after: float) -> None:
        self._event(call, "BRIDGE_EXIT", after=after, extra={"bridge_id": bridge})
        self._end(call, by="caller", after=0.001)

    def _wrap_up(self, call: str, seat: str, seconds: float) -> None:
        for state, after in (("wrap_up", 0.02), ("ready", seconds)):
            self.now += after
            said = f"agent=1001&state={state}&reason=&at={round(self.now * 1000)}"
            self._line(call, "HOTLINE_SEAT", said, seat=seat)


def a_day_of(calls: int, *, begins: datetime, seed: int = 1) -> City:
    """Return a city that has had a day of calls."""
    city = City(seed=seed, second=begins.astimezone(UTC).timestamp())
    city.day(calls)
    return city
