"""Real lines of Asterisk's files, and an inexhaustible supply of invented ones in the same form."""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from storage.records import Form, Position, Row, Source

SAMPLES = Path(__file__).parent.parent / "cases" / "data" / "calls"
CEL = Source("hotline1:cel", "hotline1", Form.CEL)
QUEUE_LOG = Source("hotline1:queue_log", "hotline1", Form.QUEUE_LOG)


def sample(name: str, ending: str) -> list[str]:
    return (SAMPLES / f"{name}.{ending}").read_text().splitlines()


def rows_of(lines: list[str], start: int = 0) -> tuple[list[Row], int]:
    """Return the lines with their offsets, and where the next one would begin."""
    rows = []
    for line in lines:
        rows.append(Row(start, line))
        start += len(line.encode()) + 1
    return rows, start


def position(
    lines: list[str], *, inode: int = 1, start: int = 0, head: str = "h"
) -> tuple[list[Row], Position]:
    rows, end = rows_of(lines, start)
    return rows, Position(inode, head, start, end)


@dataclass
class Exchange:
    """Writes the lines of invented calls. Every call ends in one of `KINDS`, and the exchange remembers which."""

    seed: int = 1
    node: str = "hotline1"
    second: float = 1_795_310_000.0
    count: int = 0
    cel: list[str] = field(default_factory=list)
    queue_log: list[str] = field(default_factory=list)
    expected: dict[str, int] = field(default_factory=dict)

    KINDS = (
        "completed", "caller_hung_up", "seat_hung_up", "abandoned_in_menu", "abandoned_in_line",
        "message_left", "callback_asked", "self_service", "lost_restart",
    )  # fmt: skip

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def call(self, kind: str, *, number: str = "13800138000", gap: float = 20.0) -> str:
        self.second += gap
        self.now, call = self.second, f"{self.node}-{int(self.second)}.{self.count}"
        self.count += 1
        self.expected[kind] = self.expected.get(kind, 0) + 1
        self.number = number
        self._event(call, "CHAN_START")
        self._event(call, "ANSWER", after=0.001)
        self._event(call, "HOTLINE_MENU", after=0.5, says={"step": "welcome"})
        getattr(self, f"_{kind}")(call)
        return call

    def restart(self) -> None:
        """Asterisk dies and comes back."""
        self.second += 60
        self.count = 0
        self.queue_log.append(f"{int(self.second)}|NONE|NONE|NONE|QUEUESTART|")

    def mixed(self, calls: int) -> None:
        """Write many calls of all kinds; the lost ones come last, before a restart."""
        for number in range(calls):
            kind = self._random.choice(self.KINDS[:-1])
            if number >= calls - calls // 50:
                kind = "lost_restart"
            self.call(kind, number=f"138{number:08d}", gap=self._random.uniform(1, 30))
        self.restart()

    def _completed(self, call: str) -> None:
        self._talk(call)
        self._event(call, "HOTLINE_SURVEY", after=2, context="hotline-after", says={"score": "1"})
        self._end(call, by="dialplan/builtin")

    def _seat_hung_up(self, call: str) -> None:
        self._talk(call)
        self._end(call, by="dialplan/builtin")

    def _caller_hung_up(self, call: str) -> None:
        self._talk(call, by="caller")

    def _abandoned_in_menu(self, call: str) -> None:
        self._end(call, by="caller")

    def _abandoned_in_line(self, call: str) -> None:
        self._queue(call)
        self._end(call, by="caller", after=12)
        self._line(call, "ABANDON", "1|1|12")

    def _message_left(self, call: str) -> None:
        self._event(call, "APP_START", app="AGI", data="leave_message")
        self._event(call, "HOTLINE_MESSAGE", after=9, says={"seconds": "8"})
        self._event(call, "APP_END", app="AGI", data="leave_message")
        self._end(call, by="caller")

    def _callback_asked(self, call: str) -> None:
        self._queue(call)
        self._event(call, "APP_END", after=3, app="Queue", context="hotline-keys")
        self._event(call, "HOTLINE_CALLBACK", says={"number": "13911112222"})
        self._end(call, by="dialplan/builtin")

    def _self_service(self, call: str) -> None:
        self._event(call, "HOTLINE_SELF_SERVICE", after=20, says={"case": "abc", "result": "heard"})
        self._end(call, by="caller")

    def _lost_restart(self, call: str) -> None:
        self._queue(call)

    def _queue(self, call: str) -> None:
        self._event(call, "APP_START", after=0.7, app="Queue", data="hotline,c")
        self._line(call, "ENTERQUEUE", f"|{self.number}|1")

    def _talk(self, call: str, by: str = "seat") -> None:
        self._queue(call)
        at = round((self.now + 3) * 1000)
        self._line(call, "HOTLINE_ASSIGN", f"reason=longest_idle&at={at}", seat="s1001")
        self._event(call, "APP_END", after=3, app="Queue", context="hotline-seat")
        self._line(call, "ABANDON", "1|1|3")
        leg, name = f"{self.node}-{int(self.now)}.{self.count}", f"PJSIP/s1001-{self.count:08x}"
        self.count += 1
        seat: dict[str, Any] = {"unique": leg, "name": name, "context": "hotline-seats"}
        self._event(call, "APP_START", app="Dial", data="PJSIP/s1001,20,g", context="hotline-seat")
        self._event(call, "CHAN_START", **seat)
        self._event(call, "ANSWER", after=2, **seat)
        self._event(call, "BRIDGE_ENTER", after=0.001, extra={"bridge_id": call}, **seat)
        self._event(call, "BRIDGE_ENTER", extra={"bridge_id": call})
        talked = self._random.uniform(5, 200)
        self._event(call, "BRIDGE_EXIT", after=talked, extra={"bridge_id": call}, **seat)
        self._event(call, "BRIDGE_EXIT", extra={"bridge_id": call})
        ender = name if by == "seat" else self._name(call)
        self._event(call, "HANGUP", extra={"hangupcause": 16, "hangupsource": ender}, **seat)
        if by == "caller":
            self._end(call, by="caller", after=0.001)
        else:
            self._event(call, "HOTLINE_MENU", after=0.05, context="hotline-after", says={"step": "survey"})

    def _end(self, call: str, *, by: str, after: float = 1.0) -> None:
        source = self._name(call) if by == "caller" else by
        self._event(call, "HANGUP", after=after, extra={"hangupcause": 16, "hangupsource": source})
        self._event(call, "CHAN_END")
        self._event(call, "LINKEDID_END")

    def _name(self, call: str) -> str:
        return f"PJSIP/trunk-{int(call.rpartition('.')[2]):08x}"

    def _event(self, call: str, kind: str, *, after: float = 0.0001, **more: Any) -> None:
        self.now += after
        says = more.get("says")
        extra = {"extra": urlencode(says)} if isinstance(says, dict) else more.get("extra")
        line = {
            "eventtype": kind, "eventtime": f"{self.now:.6f}", "num": self.number, "name": "",
            "ani": "", "dnid": "", "exten": "12345", "context": more.get("context", "hotline-incoming"),
            "channame": more.get("name", self._name(call)), "appname": more.get("app", ""),
            "appdata": more.get("data", ""), "uniqueid": more.get("unique", call), "linkedid": call, "peer": "",
            "userdeftype": "", "eventextra": json.dumps(extra) if extra else "",
        }  # fmt: skip
        self.cel.append(json.dumps(line, ensure_ascii=False))

    def _line(self, call: str, kind: str, data: str, seat: str = "NONE") -> None:
        self.queue_log.append(f"{int(self.now)}|{call}|hotline|{seat}|{kind}|{data}")
