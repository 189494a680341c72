"""Hand-overs, questions and talks of three on a real Asterisk, moved by AMI as we move calls; and their records."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from cases.call_facts import read_cel
from cases.call_legs import bridged, shared
from cases.call_parts import Segment, SegmentKind
from storage import calls, rebuilding
from storage.calls import CallView
from storage.engine import Store
from tests.asterisk.conftest import People
from tests.asterisk.harness import HOLD_HERTZ, Switchboard
from tests.asterisk.test_records import Scripts, is_over, the_record
from tests.asterisk.test_seat import assign, voice, waiting
from tests.sip import Telephone, eventually, hertz_in

pytestmark = pytest.mark.asterisk

CITIZEN_HERTZ, FIRST_HERTZ, SECOND_HERTZ = 300, 420, 390
# Two channels of one move are stamped this far apart.
EXACT = timedelta(milliseconds=20)


@dataclass
class Talk:
    """A citizen who talks to s1001, and s1002 beside them."""

    switchboard: Switchboard
    citizen: Telephone
    first: Telephone
    second: Telephone

    def channel(self, of: str) -> str:
        return next(name for name in self.switchboard.channels() if name.startswith(f"PJSIP/{of}-"))

    def does(self, action: str, **headers: str) -> None:
        answer = self.switchboard.ami(action, **headers)
        assert answer["Response"] == "Success", answer

    def together(self, one: str, other: str) -> list[tuple[datetime, datetime]]:
        """Return from when to when these two were in one bridge, by the channels' own lines."""
        facts = [read_cel(line) for line in self.switchboard.cel_lines()]
        until = max(fact.at for fact in facts)
        spans = [
            bridged([fact for fact in facts if fact.name.startswith(f"PJSIP/{who}-")], until)
            for who in (one, other)
        ]
        return shared(*spans)


@pytest.fixture
async def talk(switchboard: Switchboard, people: People, scripts: Scripts, tmp_path: Path) -> Talk:
    async def line(call: object) -> None:
        await call.route("line")  # type: ignore[attr-defined]

    scripts["incoming"] = line
    # Where a seat's line and the citizen are while the seat asks somebody; nothing of it stands in our dialplan yet.
    for extension in (
        "s,1,MusicOnHold() into test-held",
        "s,2,Goto(hotline-dialled,talked,1) into test-held",
        "_sX!,1,Dial(PJSIP/${EXTEN},10,g) into test-asks",
        "_sX!,2,MusicOnHold() into test-asks",
        "s,1,BridgeAdd(${JOINS}) into test-joins",
    ):
        switchboard.cli(f"dialplan add extension {extension} replace")
    first = await people.seat("s1001", voice(tmp_path, FIRST_HERTZ))
    second = await people.seat("s1002", voice(tmp_path, SECOND_HERTZ))
    citizen = await waiting(switchboard, people, voice(tmp_path, CITIZEN_HERTZ))
    assign(switchboard, "s1001")
    await first.answers()
    await citizen.hears_tone(FIRST_HERTZ)
    return Talk(switchboard, citizen, first, second)


def said(view: CallView) -> list[tuple[str, str, str, str]]:
    """Return what there was to see from the first talk on: kind, seat, how it ended, and with or by what."""
    shown = [(part.kind.value, part.seat, part.result, part.detail) for part in view.segments]
    return shown[next(number for number, part in enumerate(shown) if part[0] == "talk") :]


def of_kind(view: CallView, *kinds: SegmentKind) -> list[Segment]:
    return [part for part in view.segments if part.kind in kinds]


def agrees(part: Segment, span: tuple[datetime, datetime]) -> None:
    """What the record says must be what the channels say, to the millisecond but for what a move takes."""
    assert part.ended_at is not None
    assert abs(part.began_at - span[0]) <= EXACT
    assert abs(part.ended_at - span[1]) <= EXACT


def one_record(kept: Store, talk: Talk, view: CallView) -> None:
    """Each caller has one record; talk is counted once; and from its lines the record is derived again as it is."""
    day = (view.offered_at, view.offered_at + timedelta(days=1))
    outcomes = kept.read_now(partial(calls.outcomes, begins=day[0], ends=day[1]))
    talk.switchboard.since = 0  # the store has read the calls of other tests, too, which came before
    came = [
        row
        for row in talk.switchboard.cel()
        if row["eventtype"] == "CHAN_START"
        and "trunk" in row["channame"]
        and float(row["eventtime"]) >= view.offered_at.timestamp() - 0.001
    ]
    assert sum(outcomes.values()) == len(came)
    spoken = of_kind(view, SegmentKind.TALK, SegmentKind.THREE_WAY)
    assert view.talk_seconds == pytest.approx(sum(part.seconds for part in spoken), abs=0.002)
    for before, after in zip(view.segments, view.segments[1:], strict=False):
        assert before.ended_at == after.began_at, "segments touch and do not overlap"
    assert kept.write_now(rebuilding.rebuild).different == ()


async def hears_both(telephone: Telephone, *hertz: float) -> None:
    await eventually(
        lambda: hertz_in(telephone.phone.samples(), *hertz), otherwise=f"{hertz} not heard at once"
    )


async def test_a_blind_hand_over_is_two_talks_and_one_record(talk: Talk, kept: Store) -> None:
    talk.does("BlindTransfer", Channel=talk.channel("s1001"), Context="hotline-seat", Exten="s1002")
    await talk.second.answers()
    await talk.citizen.hears_tone(SECOND_HERTZ)
    await talk.citizen.hangs_up()
    view = await the_record(kept, talk.switchboard, is_over)
    assert said(view) == [
        ("talk", "s1001", "moved", "blind"),
        ("transfer", "s1002", "answered", ""),
        ("talk", "s1002", "caller", ""),
    ]
    for part, seat in zip(of_kind(view, SegmentKind.TALK), ("s1001", "s1002"), strict=True):
        (span,) = talk.together("trunk", seat)
        agrees(part, span)
    assert (view.end_reason, view.seat) == ("caller_hung_up", "s1002")
    one_record(kept, talk, view)


@pytest.mark.parametrize("hands_over", [True, False], ids=["hands-over", "comes-back"])
async def test_a_question_to_a_colleague_is_a_consult_whether_the_seat_hands_over_or_comes_back(
    talk: Talk, kept: Store, hands_over: bool
) -> None:
    citizen, first = talk.channel("trunk"), talk.channel("s1001")
    held, asks = {"Context": "test-held", "Exten": "s"}, {"ExtraContext": "test-asks", "ExtraExten": "s1002"}
    priorities = {"Priority": "1", "ExtraPriority": "1"}
    talk.does("Redirect", Channel=citizen, ExtraChannel=first, **held, **asks, **priorities)
    await talk.second.answers()
    await talk.citizen.hears_tone(HOLD_HERTZ)
    await talk.second.hears_tone(FIRST_HERTZ)
    whom = talk.channel("s1002") if hands_over else first
    talk.does("Bridge", Channel1=citizen, Channel2=whom, Tone="no")
    await asyncio.sleep(0.5)
    await (talk.first if hands_over else talk.second).hangs_up()
    await asyncio.sleep(0.5)
    await talk.citizen.hangs_up()
    view = await the_record(kept, talk.switchboard, is_over)
    before = ("talk", "s1001", "moved", "attended") if hands_over else ("talk", "s1001", "", "")
    after = ("talk", "s1002" if hands_over else "s1001", "caller", "")
    assert said(view) == [before, ("consult", "s1001", "", "s1002"), after]
    talks = of_kind(view, SegmentKind.TALK)
    spans = talk.together("trunk", "s1001") + (talk.together("trunk", "s1002") if hands_over else [])
    for part, span in zip(talks, spans, strict=True):
        agrees(part, span)
    assert view.hold_seconds == pytest.approx(of_kind(view, SegmentKind.CONSULT)[0].seconds, abs=0.001)
    assert view.end_reason == "caller_hung_up"
    one_record(kept, talk, view)


async def test_a_third_voice_is_a_talk_of_three_and_counts_once(talk: Talk, kept: Store) -> None:
    talk.does(
        "Originate",
        Channel="PJSIP/s1002",
        Context="test-joins",
        Exten="s",
        Priority="1",
        Variable=f"JOINS={talk.channel('s1001')}",
        Async="true",
    )
    await talk.second.answers()
    await hears_both(talk.second, CITIZEN_HERTZ, FIRST_HERTZ)
    await hears_both(talk.citizen, FIRST_HERTZ, SECOND_HERTZ)
    await eventually(lambda: talk.together("s1001", "s1002"))
    await asyncio.sleep(0.5)
    await talk.second.hangs_up()
    await asyncio.sleep(0.5)
    await talk.first.hangs_up()
    view = await the_record(kept, talk.switchboard, is_over)
    assert said(view)[:3] == [
        ("talk", "s1001", "", ""),
        ("three_way", "s1001", "", "s1002"),
        ("talk", "s1001", "seat", ""),
    ]
    (three,) = of_kind(view, SegmentKind.THREE_WAY)
    agrees(three, talk.together("trunk", "s1002")[0])
    assert view.talk_seconds == pytest.approx(
        sum((ended - began) / timedelta(seconds=1) for began, ended in talk.together("trunk", "s1001")),
        abs=0.02,
    )
    assert (view.end_reason, view.seat) == ("seat_hung_up", "s1001")
    one_record(kept, talk, view)
