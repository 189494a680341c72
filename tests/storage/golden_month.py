"""The golden month: sixty cases of October 2026, written down by hand so that every indicator can be worked out on paper.

Working days of that month, numbered: 8=1 9=2 10=3 (a Saturday, made up) 12=4 13=5 14=6 15=7 16=8 19=9 20=10 21=11 22=12
23=13 26=14 27=15 28=16 29=17 30=18; then 2 November=19, 3=20, 4=21, 5=22 … 11=26. The first to the seventh are holidays.
Rules: read in 2, reply in 10 working days after the day of sending. The store is as it was on 1 November, ten past midnight.
What comes of it stands in test_golden_month.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, insert

from cases.clocks import Clock
from cases.limits import Limit, Unit
from cases.policies import ClockKind
from cases.workflow import Secrecy, State
from storage import history
from storage.circuit_models import CircuitRequest
from storage.clocks import CLOCK, _columns
from storage.frontline_models import (
    FrontlineCall,
    FrontlineJudgement,
    FrontlineTarget,
    PublicCopy,
    UrgentCase,
)
from storage.intake import CASE, CONTACT
from storage.models import Assignment, CallbackAttempt, Part, Reply, ReturnRequest, Review, Stage
from storage.types import table_of
from tests.makers import RULES

CITY = ZoneInfo("Asia/Shanghai")
BEGINS, ENDS = datetime(2026, 10, 1, tzinfo=CITY), datetime(2026, 11, 1, tzinfo=CITY)
FROZEN_AT = ENDS + timedelta(minutes=10)

FULL, PART, NO = "full", "part", "no"
GOOD, FAIR, BAD, SILENT = "满意", "基本满意", "不满意", "不评价"
READ, REPLY = Limit(2, Unit.WORKING_DAY), Limit(10, Unit.WORKING_DAY)
CATEGORY = {"szgc": "0105", "cgj": "0103", "dmjd": "1801", None: "1804"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """Some cases that went alike. Times are `day hour[:minute]` of October, with S before the day of September."""

    times: int
    intent: str
    received: str
    unit: str | None = None
    party: str = "person"
    urgency: str = "一般"
    state: State = State.CLOSED
    sent: str = ""
    read: str = ""
    replied: str = ""
    back: str = ""  # a first reply at that time, sent back at once
    passed: str = ""  # the centre's review, an hour before the final one unless it says so
    final: str = ""
    closed: str = ""
    solved: str = ""
    satisfied: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def _line(times: int, intent: str, received: str, *rest: str, **more: Any) -> Line:
    names = ("unit", "sent", "read", "replied", "final", "closed", "solved", "satisfied")
    told: dict[str, Any] = dict(zip(names, rest, strict=False))
    return Line(times=times, intent=intent, received=received, **told, **more)


MONTH: tuple[Line, ...] = (
    # a, b: answered on the telephone
    Line(times=8, intent="咨询", received="08 09", state=State.ANSWERED, closed="08 09"),
    Line(times=2, intent="求助", received="12 09", state=State.ANSWERED, closed="12 09"),
    # c: not valid
    *(
        Line(times=1, intent="投诉", received="13 09", state=state, closed="13 10")
        for state in (State.REFUSED, State.INVALID, State.MERGED, State.WITHDRAWN)
    ),
    # d: as it should be
    _line(10, "投诉", "08 08", "szgc", "08 09", "08 15", "13 10", "14 10", "15 10", FULL, GOOD, more={"copy": "publish"}),
    # e: the first reply was sent back
    _line(
        4, "投诉", "08 08", "szgc", "08 09", "09 10", "15 10", "16 10", "19 10", FULL, FAIR,
        party="enterprise", back="14 10", more={"copy": "hold"},
    ),
    # f: read late, on the 13th; due on the 10th
    _line(2, "投诉", "08 08", "szgc", "08 09", "13 09", "16 10", "19 10", "20 10", PART, FAIR, more={"copy": "part"}),
    # g
    _line(5, "求助", "09 08", "cgj", "09 09", "10 10", "19 10", "20 10", "21 10", FULL, GOOD, more={"copy": "publish"}),
    # h: read late (due on the 12th) and answered late (due on the 22nd)
    _line(3, "求助", "09 08", "cgj", "09 09", "14 09", "26 10", "27 10", "28 10", NO, BAD, more={"copy": "never"}),
    # i: due on the 26th, five days more: due on 2 November; answered on the 29th; not called back yet
    _line(
        2, "建议", "12 08", "cgj", "12 09", "13 09", "29 10", "30 10",
        party="enterprise", state=State.FEEDBACK, more={"extended": 5},
    ),
    # j: due on the 26th; stood still from the 16th, with six days left, to the 23rd: due on 2 November
    _line(
        1, "投诉", "12 08", "szgc", "12 09", "12 10", "30 10",
        urgency="紧急", state=State.FINAL_REVIEW, passed="30 15", more={"paused": ("16 10", "23 10")},
    ),
    # k: the works office gave it back on the 12th, on the 13th it went to another, with nine days left: due on the 26th
    _line(
        1, "投诉", "12 08", "cgj", "13 15", "14 09", "20 10", "21 10", "22 10", FULL, GOOD,
        more={"returned_by": "szgc"},
    ),
    # l: the same, but the second unit wanted to give it back, too, and had to keep it
    _line(
        1, "投诉", "12 08", "cgj", "13 15", "14 09", "20 10", "21 10", "22 10", FULL, GOOD,
        more={"returned_by": "szgc", "kept": "13 16"},
    ),
    # m: wanted to give it back and had to keep it; solved, and yet the citizen is not content
    _line(
        1, "投诉", "12 08", "szgc", "12 09", "12 10", "21 10", "22 10", "23 10", FULL, BAD,
        more={"kept": "12 15", "secrecy": Secrecy.SECRET},
    ),
    # n: nobody has read it (due on the 21st); for one the street calls two departments
    _line(1, "其他", "19 08", "dmjd", "19 09", state=State.DISPATCHED, more={"frontline": True}),
    _line(1, "其他", "19 08", "dmjd", "19 09", state=State.DISPATCHED, more={"long_term": True}),
    # o: closed after three calls that nobody answered
    _line(2, "求助", "20 08", "dmjd", "20 09", "21 09", "27 10", "28 10", "29 10"),
    # p: reached, but will not judge
    _line(1, "咨询", "20 08", "dmjd", "20 09", "21 09", "27 10", "28 10", "29 10", "unanswered", SILENT),
    # q: an unreasonable demand, by decision out of the scores
    _line(
        1, "投诉", "12 08", "szgc", "12 09", "12 10", "20 10", "21 10", "22 10", NO, BAD,
        more={"excluded": "unreasonable"},
    ),
    # r: urgent; on the spot after 20 and after 50 minutes; one contacted the citizen within the hour
    _line(
        1, "投诉", "22 08", "szgc", "22 08:10", "22 08:20", "23 10", "26 10", "27 10", FULL, GOOD,
        party="enterprise", urgency="特急", more={"arrived": "22 08:30", "contacted": "22 08:40"},
    ),
    _line(
        1, "投诉", "22 08", "szgc", "22 08:10", "22 08:20", "23 10", "26 10", "27 10", FULL, GOOD,
        party="enterprise", urgency="特急", more={"arrived": "22 09:00", "contacted": "22 09:30"},
    ),
    # s: not solved at first (asked on the 14th), done again
    _line(
        1, "投诉", "08 08", "cgj", "08 09", "08 10", "20 10", "21 10", "22 10", FULL, GOOD,
        more={"before": ("12 10", "13 10", "14 10"), "again": "14 11"},
    ),
    # t: the same caller and matter as the first of d
    _line(1, "投诉", "28 08", "szgc", "28 09", "28 10", state=State.HANDLING, more={"recurs": 15}),
    # u: came in on the last afternoon; one withholds his number, the other has asked before, on 21 September
    Line(times=1, intent="建议", received="30 16", state=State.REGISTERED, more={"number": ""}),
    Line(times=1, intent="建议", received="30 16", state=State.REGISTERED, more={"number": "57", "category": "0103"}),
    # v: received and sent on 21 September, due on 12 October: the last second in time, and the first one late
    _line(1, "投诉", "S21 08", "cgj", "S21 09", "S22 09", "12 23:59:59", "14 10", "15 10", FULL, GOOD),
    _line(1, "投诉", "S21 08", "cgj", "S21 09", "S22 09", "13 00:00:00", "14 10", "15 10", FULL, GOOD),
    # w: two units; the one that assists read it in time once, and once not at all (due on the 19th)
    _line(
        1, "投诉", "15 08", "szgc", "15 09", "15 10", "22 10", "23 10", "26 10", FULL, GOOD,
        more={"assist": "cgj", "assist_read": "15 11"},
    ),
    _line(
        1, "投诉", "15 08", "szgc", "15 09", "15 10", "22 10", "23 10", "26 10", FULL, GOOD, more={"assist": "cgj"}
    ),
)  # fmt: skip


def instant(text: str) -> datetime:
    day, clock = text.split()
    month = 9 if day.startswith("S") else 10
    hour, minute, second = (*map(int, clock.split(":")), 0, 0)[:3]
    return datetime(2026, month, int(day.lstrip("S")), hour, minute, second, tzinfo=CITY)


def load(conn: Connection) -> int:
    """Write the month as the circuit writes it; return how many cases there are."""
    number = 0
    for line in MONTH:
        for _ in range(line.times):
            number += 1
            _Writer(conn, number, line).write()
    return number


def add(conn: Connection, table: Table, **values: Any) -> int:
    key = next(iter(table.primary_key))
    return int(conn.execute(insert(table).values(**values).returning(key)).scalar_one())


@dataclass
class _Writer:
    """One case and everything that belongs to it."""

    conn: Connection
    number: int
    line: Line
    task: int = 0
    position: int = 0

    @property
    def case(self) -> int:
        return self.number

    def write(self) -> None:
        line, more = self.line, self.line.more
        self._file()
        if line.state in {State.REFUSED, State.INVALID, State.MERGED, State.WITHDRAWN}:
            self._clock(ClockKind.DISPATCH, Limit(1, Unit.WORKING_DAY), line.received, void="ended")
        if line.unit is None:
            return
        first = more.get("returned_by")
        self._clock(
            ClockKind.DISPATCH,
            Limit(1, Unit.WORKING_DAY),
            line.received,
            stop="12 09" if first else line.sent,
        )
        if first:
            self._given_back(first)
        if "before" in more:
            self._first_round(*more["before"])
        self._lead()
        if "assist" in more:
            self._assist()
        self._outcome()
        self._extras()

    def _file(self) -> None:
        line, more = self.line, self.line.more
        closed = instant(line.closed) if line.closed else None
        digits = f"2610{self.number:08}"
        add(
            self.conn, CASE, id=self.case, no=f"RH{digits}", digits=digits, intake_key=f"golden-{self.number}",
            code_hash="-", state=line.state, version=1, intent=line.intent,
            category=more.get("category", CATEGORY[line.unit]), urgency=line.urgency, channel="phone",
            call=f"call-{self.number}", title="黄金月", address="", reply_way="phone", unit=line.unit,
            confidential=more.get("secrecy", Secrecy.NONE), received_at=instant(line.received), closed_at=closed,
            rework_no=1 if "again" in more else 0, party=line.party, excluded=more.get("excluded", ""),
            recurrence_of=more.get("recurs"),
        )  # fmt: skip
        caller = more.get("number", str(more.get("recurs", self.number)))
        number = f"1380000{int(caller):04}" if caller else ""
        self.conn.execute(insert(CONTACT).values(case=self.case, name="", number=number))

    def _clock(
        self, kind: ClockKind, limit: Limit, since: str, *, stop: str = "", void: str = "", task: int | None = None,
        extended: int = 0, paused: tuple[str, str] | None = None,
    ) -> int:  # fmt: skip
        calendar, hours = RULES.calendar, RULES.hours
        clock = Clock.start(instant(since), limit, calendar, hours)
        if extended:
            clock = clock.extend(extended, instant(since) + timedelta(days=1), calendar, hours)
        if paused:
            clock = clock.pause(instant(paused[0])).resume(instant(paused[1]), calendar, hours)
        clock = clock.stop(instant(stop)) if stop else clock
        clock = clock.void(void) if void else clock
        row = {"case": self.case, "assignment": task, "kind": kind, "started_at": instant(since)}
        return add(self.conn, CLOCK, **row, policy_version="fuzhou-2010", **_columns(clock))

    def _assignment(
        self, unit: str, part: Part, stage: Stage, sent: str, read: str = "", ended: str = ""
    ) -> int:
        self.position += 1
        suggested = [] if unit == "dmjd" else ["szgc"]
        task = add(
            self.conn, table_of(Assignment), case=self.case, position=self.position, unit=unit, part=part,
            stage=stage, instruction="", sent_by="3001", sent_at=instant(sent), read_by="x" if read else None,
            read_at=instant(read) if read else None, ended_at=instant(ended) if ended else None,
        )  # fmt: skip
        if part is Part.LEAD and self.position == 1:
            detail = {"lead": unit, "suggested": suggested, "followed": unit in suggested[:1]}
            history.append(
                self.conn, subject=f"RH2610{self.number:08}", kind="assignment.created", actor="3001",
                detail=detail, at=instant(sent),
            )  # fmt: skip
        return task

    def _given_back(self, unit: str) -> None:
        task = self._assignment(unit, Part.LEAD, Stage.RETURNED, "12 09", "12 10", "13 10")
        self._clock(ClockKind.READ, READ, "12 09", stop="12 10", task=task)
        self._clock(ClockKind.REPLY, REPLY, "12 09", void="moved", task=task)
        self._return(task, "12 15", "13 10", granted=True)
        self._clock(ClockKind.DISPATCH, Limit(1, Unit.WORKING_DAY), "13 10", stop="13 15")

    def _return(self, task: int, asked: str, decided: str, *, granted: bool) -> None:
        add(
            self.conn, table_of(ReturnRequest), case=self.case, assignment=task, reason="duty", basis="三定",
            asked_by="x", asked_at=instant(asked), granted=granted, comment="", decided_by="3001",
            decided_at=instant(decided),
        )  # fmt: skip

    def _first_round(self, replied: str, final: str, asked: str) -> None:
        line = self.line
        assert line.unit
        task = self._assignment(line.unit, Part.LEAD, Stage.DONE, line.sent, line.read, final)
        self._clock(ClockKind.READ, READ, line.sent, stop=line.read, task=task)
        self._clock(ClockKind.REPLY, REPLY, line.sent, stop=replied, task=task)
        self._reply(task, 1, replied, passed=True, at=instant(final) - timedelta(hours=1), final=final)
        self._evaluate(NO, BAD, instant(asked), is_first=True)

    def _lead(self) -> None:
        line, more = self.line, self.line.more
        assert line.unit
        again = more.get("again")
        sent = again or line.sent
        stage = Stage.DONE if line.final else (Stage.HANDLING if line.read else Stage.SENT)
        self.task = self._assignment(line.unit, Part.LEAD, stage, sent, line.read, line.final)
        if not again:
            self._clock(ClockKind.READ, READ, sent, stop=line.read, task=self.task)
        limit = Limit(9, Unit.WORKING_DAY) if "returned_by" in more else REPLY
        self._clock(
            ClockKind.REPLY, limit, sent, stop=line.replied, task=self.task,
            extended=more.get("extended", 0), paused=more.get("paused"),
        )  # fmt: skip
        if "kept" in more:
            decided = "13 10" if more["kept"] < "13" else "14 08"
            self._return(self.task, more["kept"], decided, granted=False)

    def _assist(self) -> None:
        more, line = self.line.more, self.line
        read = more.get("assist_read", "")
        task = self._assignment(more["assist"], Part.ASSIST, Stage.DONE, line.sent, read, line.final)
        self._clock(ClockKind.READ, READ, line.sent, stop=read or line.final, task=task)
        self._clock(ClockKind.REPLY, REPLY, line.sent, void="settled", task=task)

    def _reply(
        self, task: int, version: int, at_: str, *, passed: bool, at: datetime, final: str = ""
    ) -> None:
        reply = add(
            self.conn, table_of(Reply), case=self.case, assignment=task, version=version, handled_text="-",
            public_text="-", factual="属实", resolution="full", contacted=True, signed_by="x", at=instant(at_),
            submitted_at=instant(at_),
        )  # fmt: skip
        review = {"reply": reply, "findings": "", "comment": "", "by": "4001"}
        add(self.conn, table_of(Review), **review, level="centre", passed=passed, at=at)
        if final:
            add(self.conn, table_of(Review), **review, level="final", passed=True, at=instant(final))

    def _evaluate(
        self, solved: str, satisfied: str, at: datetime, *, is_first: bool, result: str = "reached"
    ) -> None:
        add(
            self.conn, table_of(CallbackAttempt), case=self.case, result=result, solved=solved or None,
            satisfied=satisfied or None, comment="", by="6001", at=at, is_first=is_first, is_final=not is_first,
        )  # fmt: skip

    def _outcome(self) -> None:
        line, more = self.line, self.line.more
        version = 2 if "before" in more else 1
        if line.back:
            back = instant(line.back)
            self._reply(self.task, version, line.back, passed=False, at=back + timedelta(hours=5))
            version += 1
        if line.replied:
            at = instant(line.passed) if line.passed else instant(line.final) - timedelta(hours=1)
            self._reply(self.task, version, line.replied, passed=True, at=at, final=line.final)
        if line.closed and line.satisfied:
            self._evaluate(line.solved, line.satisfied, instant(line.closed), is_first="before" not in more)
        elif line.closed:
            for days in (2, 1, 0):
                at = instant(line.closed) - timedelta(days=days)
                self._evaluate("", "", at, is_first=False, result="no_answer")

    def _extras(self) -> None:
        line, more = self.line, self.line.more
        if "copy" in more:
            add(
                self.conn, table_of(PublicCopy), case=self.case, version=1, decision=more["copy"], reason="",
                title="-", content="-", reply="-", state="in_force", made_by="a", made_at=instant(line.final),
                decided_by="b", decided_at=instant(line.final), comment="", end_reason="",
            )  # fmt: skip
        for kind in ("paused", "extended", "long_term"):
            if kind in more:
                self._request({"paused": "pause", "extended": "extension"}.get(kind, kind))
        if "arrived" in more:
            add(
                self.conn, table_of(UrgentCase), case=self.case, assignment=self.task, unit=line.unit,
                opened_at=instant(line.sent), arrived_at=instant(more["arrived"]),
            )  # fmt: skip
            hour = Limit(60, Unit.MINUTE)
            self._clock(ClockKind.CONTACT, hour, line.sent, stop=more["contacted"], task=self.task)
        if "frontline" in more:
            self._frontline()

    def _request(self, kind: str) -> None:
        add(
            self.conn, table_of(CircuitRequest), case=self.case, assignment=self.task, kind=kind, reason="",
            words="-", told="", asked_by="x", asked_at=instant(self.line.sent), granted=True, decided_by="3001",
            decided_at=instant(self.line.sent),
        )  # fmt: skip

    def _frontline(self) -> None:
        """The street calls two departments for the 24th at nine; one comes early, the other one late."""
        called, report = instant("23 15"), instant("24 09")
        call = add(
            self.conn, table_of(FrontlineCall), case=self.case, unit="dmjd", kind="hard", reason="-", tried="-",
            place="-", report_at=report, site_code="1", called_by="x", called_at=called, version=1,
        )  # fmt: skip
        minutes, hour = Limit(10, Unit.MINUTE), Limit(1, Unit.WORKING_HOUR)
        for unit, accepted, here, scores in (
            ("cgj", "23 15:05", "24 08:55", (4, 5, None)),
            ("hbj", "23 15:30", "24 09:20", (2, 1, 3)),
        ):
            target = add(
                self.conn, table_of(FrontlineTarget), call=call, unit=unit, called_by="x", called_at=called,
                joined_later=False, report_at=report, checked_in_at=instant(here),
                accept_clock=self._clock(ClockKind.FRONTLINE_ACCEPT, minutes, "23 15", stop=accepted),
                respond_clock=self._clock(ClockKind.FRONTLINE_RESPOND, hour, "23 15", stop="23 15:40"),
            )  # fmt: skip
            of_call, of_work, ruled = scores
            for side, score, ruling in (("department", of_call, ruled), ("street", of_work, None)):
                add(
                    self.conn, table_of(FrontlineJudgement), target=target, side=side, score=score, reason="-",
                    by="x", at=instant("24 15"), ruled_score=ruling,
                )  # fmt: skip
