"""What a real Asterisk 22 said in ordinary calls (`ami_recorded.json`), and what the engine is told about it."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agi_scripts import events as events_module
from agi_scripts.ami import LINK_BEHIND, LINK_UP, AMILink
from agi_scripts.events import Listener, Translator
from agi_scripts.switch import AsteriskSwitch
from routing.engine import Declined
from routing.live import Wish
from routing.moves import LegSaid
from routing.switch import Snapshot
from tests.agi_scripts.agi_world import until
from tests.agi_scripts.ami_world import Action, fake_ami, held, link_to, message, ok

RECORDED = json.loads((Path(__file__).parent / "ami_recorded.json").read_text("utf-8"))

Event = dict[str, str]


class Ear:
    """An engine that only remembers what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []
        self.times: list[datetime] = []
        self.said: tuple[datetime | None, Wish | None] = (None, None)

    def caller_joined(
        self,
        call: str,
        channel: str,
        number: str,
        at: datetime,
        *,
        since: datetime | None = None,
        wish: Wish | None = None,
    ) -> None:
        self._note(at, "joined", call, channel, number)
        self.said = since, wish

    def caller_aside(
        self,
        call: str,
        channel: str,
        number: str,
        at: datetime,
        *,
        since: datetime | None = None,
        wish: Wish | None = None,
    ) -> None:
        self._note(at, "aside", call, channel, number)
        self.said = since, wish

    def leg_said(self, said: LegSaid) -> None:
        self._note(said.at, "leg", said.word, said.call, said.channel, said.whom)

    def leg_gone(self, channel: str, at: datetime) -> None:
        """Said of each leg; what comes of it is the engine's."""

    def caller_gone(self, call: str, at: datetime) -> None:
        self._note(at, "gone", call)

    def citizen_reached(self, call: str, at: datetime) -> None:
        self._note(at, "reached", call)

    def citizen_rung(self, call: str, channel: str, at: datetime) -> None:
        self._note(at, "rung", call, channel)

    def citizen_gone(self, call: str, channel: str, at: datetime) -> None:
        self._note(at, "citizen gone", call, channel)

    def caller_left(self, call: str, at: datetime) -> None:
        self._note(at, "left", call)

    def seat_offered(self, call: str, seat: str, at: datetime) -> None:
        self._note(at, "offered", call, seat)

    def seat_answered(self, call: str, seat: str, seat_channel: str, at: datetime) -> None:
        self._note(at, "answered", call, seat, seat_channel)

    def seat_refused(self, call: str, seat: str, cause: Declined, at: datetime) -> None:
        self._note(at, "refused", call, seat, cause)

    def held(self, call: str, at: datetime) -> None:
        self._note(at, "held", call)

    def resumed(self, call: str, at: datetime) -> None:
        self._note(at, "resumed", call)

    def talk_ended(self, call: str, at: datetime, leg: str = "") -> None:
        self._note(at, "ended", call, *([leg] if leg else []))

    def seat_reachable(self, seat: str, reachable: bool, at: datetime, *, node: str = "") -> None:
        self._note(at, "reachable", seat, reachable, *([node] if node else []))

    def carrier_seen(self, where: str, *, gone: bool) -> None:
        self.heard.append(("carrier", where, gone))

    def seat_registered(self, seat: str, registered: bool, at: datetime) -> None:
        self._note(at, "registered", seat, registered)

    def asterisk_up(self, snapshot: Snapshot, at: datetime) -> None:
        self._note(at, "up", snapshot)

    def asterisk_down(self, at: datetime, *, node: str = "") -> None:
        self._note(at, "down", *([node] if node else []))

    def reconcile(self, snapshot: Snapshot, at: datetime) -> None:
        self._note(at, "compared", snapshot)

    def words(self, *wanted: str) -> list[object]:
        return [word[0] for word in self.heard if not wanted or word[0] in wanted]

    def _note(self, at: datetime, *word: object) -> None:
        self.heard.append(word)
        self.times.append(at)


def told(scenario: str) -> Ear:
    ear = Ear()
    translator = Translator(ear)
    for event in RECORDED[scenario]:
        translator.tell(event)
    return ear


def calls_in(scenario: str) -> str:
    """Return the id of the one call of a scenario."""
    (call,) = {event["Linkedid"] for event in RECORDED[scenario] if "Linkedid" in event}
    return str(call)


CALL_WORDS = ("joined", "left", "offered", "answered", "refused", "held", "resumed", "ended")


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("not_answered", ["joined", "left", "offered", "refused", "joined"]),
        ("left_the_line", ["left", "ended"]),
        ("refused", ["joined", "left", "offered", "refused", "joined"]),
        ("caller_hung_up_while_it_rang", ["joined", "left", "offered", "refused", "ended"]),
        (
            "talked_and_seat_hung_up",
            ["joined", "left", "offered", "answered", "held", "resumed", "ended", "ended"],
        ),
        ("talked_and_caller_hung_up", ["joined", "left", "offered", "answered", "ended", "ended"]),
        ("rung_by_app_queue", ["joined", "offered", "answered", "left", "ended", "ended"]),
        ("unreachable", ["joined", "left", "joined"]),
    ],
)
def test_a_call_is_told_in_the_order_it_happened(scenario: str, words: list[str]) -> None:
    ear = told(scenario)
    assert ear.words(*CALL_WORDS) == words
    call = calls_in(scenario)
    assert {word[1] for word in ear.heard if word[0] in CALL_WORDS} == {call}


def test_a_caller_joins_with_channel_and_number_at_asterisks_time() -> None:
    ear = told("not_answered")
    first = RECORDED["not_answered"][0]
    assert ear.heard[0] == ("joined", first["Uniqueid"], first["Channel"], "13850123456")
    assert ear.times[0] == datetime.fromtimestamp(float(first["Timestamp"]), UTC)
    assert first["Uniqueid"].startswith("hotline1-")


@pytest.mark.parametrize(
    ("scenario", "cause"),
    [
        ("not_answered", Declined.NO_ANSWER),
        ("refused", Declined.REJECTED),
        ("caller_hung_up_while_it_rang", Declined.CALLER_GONE),
    ],
)
def test_why_a_seat_did_not_take_the_call(scenario: str, cause: Declined) -> None:
    (refused,) = (word for word in told(scenario).heard if word[0] == "refused")
    assert refused[2:] == ("s1001", cause)


@pytest.mark.parametrize("status", ["CHANUNAVAIL", "CONGESTION", "SOMETHING_NEW"])
def test_a_seat_that_cannot_be_rung_is_unreachable(status: str) -> None:
    ear = Ear()
    event = next(e for e in RECORDED["refused"] if e["Event"] == "DialEnd")
    Translator(ear).tell(event | {"DialStatus": status})
    assert ear.heard[0][3] is Declined.UNREACHABLE


def test_an_answer_names_the_channel_that_can_be_hung_up() -> None:
    (answered,) = (word for word in told("talked_and_seat_hung_up").heard if word[0] == "answered")
    assert str(answered[3]).startswith("PJSIP/s1001-")


def test_no_answer_followed_by_cancel_is_one_refusal() -> None:
    ear = Ear()
    translator = Translator(ear)
    event = next(e for e in RECORDED["not_answered"] if e["Event"] == "DialEnd")
    translator.tell(event)
    translator.tell(event | {"DialStatus": "CANCEL"})
    assert [word[3] for word in ear.heard] == [Declined.NO_ANSWER]


def test_the_hangup_of_a_leg_that_only_rang_ends_no_talk() -> None:
    ear = Ear()
    leg = next(e for e in RECORDED["not_answered"] if e["Event"] == "Hangup")
    assert leg["Channel"].startswith("PJSIP/s1001-")
    Translator(ear).tell(leg)
    assert ear.heard == []


def test_a_telephone_that_is_switched_off_and_on_is_told() -> None:
    assert [word for word in told("telephone_gone").heard if word[0] == "reachable"] == [
        ("reachable", "s1001", False)
    ]
    assert [word for word in told("signed_on").heard if word[0] == "reachable"] == [
        ("reachable", "s1001", True)
    ]


def test_of_the_telephone_of_a_seat_that_leaves_the_line_nothing_is_known_any_more() -> None:
    ear = Ear()
    added = next(event for event in RECORDED["signed_on"] if event["Event"] == "QueueMemberAdded")
    translator = Translator(ear, "hotline2")
    translator.tell(added | {"Status": "1"})
    translator.tell(added | {"Event": "QueueMemberRemoved", "Status": "1"})
    assert ear.heard == [("reachable", "s1001", True, "hotline2"), ("reachable", "s1001", False, "hotline2")]


@pytest.mark.parametrize(
    "event",
    [
        {"Event": "QueueCallerJoin", "Queue": "other"},
        {
            "Event": "DialBegin",
            "Uniqueid": "hotline1-1.0",
            "DestChannel": "PJSIP/trunk-00000001",
            "Timestamp": "1.0",
        },
        {"Event": "DialBegin", "DestChannel": "PJSIP/s1001-00000001", "Timestamp": "1.0"},
        {"Event": "Hold", "Channel": "PJSIP/trunk-00000001", "Linkedid": "x", "Timestamp": "1.0"},
        {
            "Event": "QueueMemberStatus",
            "Queue": "hotline",
            "Interface": "Local/x@y",
            "Status": "1",
            "Timestamp": "1",
        },
        {"Event": "SomethingNew"},
        {"Event": "VarSet", "Variable": "HOTLINE_PLANS", "Value": "line", "Uniqueid": "x", "Timestamp": "1"},
    ],
)
def test_what_is_not_about_the_line_is_not_told(event: Event) -> None:
    ear = Ear()
    Translator(ear).tell(event)
    assert ear.heard == []


def test_a_withheld_number_is_empty() -> None:
    ear = Ear()
    Translator(ear).tell(RECORDED["refused"][0] | {"CallerIDNum": "<unknown>"})
    assert ear.heard[0][3] == ""


def test_ended_legs_are_forgotten_one_day() -> None:
    ear = Ear()
    translator = Translator(ear)
    event = next(e for e in RECORDED["refused"] if e["Event"] == "DialEnd")
    for number in range(events_module.LEGS_REMEMBERED * 3):
        translator.tell(event | {"DestUniqueid": f"hotline1-1.{number}"})
    assert len(translator._ended) == events_module.LEGS_REMEMBERED


def event(name: str, **headers: str) -> Event:
    return {"Event": name, "Timestamp": "1795321154.86", "Uniqueid": "h-1.0", "Linkedid": "h-1.0"} | headers


def heard_of(*events: Event) -> list[tuple[object, ...]]:
    ear = Ear()
    translator = Translator(ear)
    for each in events:
        translator.tell(each)
    return ear.heard


def place(where: str, *more: str) -> Event:
    channel = {"Channel": "PJSIP/trunk-0", "CallerIDNum": "13850123456"}
    return event("VarSet", Variable="HOTLINE_PLACE", Value=" ".join([where, *more]), **channel)


def test_the_dialplan_says_where_a_citizen_stands() -> None:
    citizen = ("h-1.0", "PJSIP/trunk-0", "13850123456")
    assert heard_of(*map(place, ("line", "aside", "gone", "seat", ""))) == [
        ("joined", *citizen),
        ("aside", *citizen),
        ("gone", "h-1.0"),
    ]


@pytest.mark.parametrize(
    ("status", "cause"), [("CHANUNAVAIL", Declined.UNREACHABLE), ("NOANSWER", Declined.NO_ANSWER)]
)
def test_a_seat_that_could_not_even_be_rung_is_told_by_the_dialplan(status: str, cause: Declined) -> None:
    assert heard_of(place("back", "s1001", status)) == [("refused", "h-1.0", "s1001", cause)]


def test_what_stands_on_the_channel_comes_with_the_caller() -> None:
    ear = Ear()
    joins = event("QueueCallerJoin", Queue="hotline", Channel="PJSIP/trunk-0")
    said = "HOTLINE_SINCE=1795321100.123\nHOTLINE_WISH=skill=labour&priority=2&line=12333&elder=1"
    Translator(ear).tell(joins | {"ChanVariable": said})
    since = datetime.fromtimestamp(1795321100.123, UTC)
    assert ear.said == (since, Wish(skill="labour", priority=2, line="12333", elder=True))
    Translator(ear).tell(place("line", "1795321100.123", "language=minnan"))
    assert ear.said == (since, Wish(language="minnan"))


@pytest.mark.parametrize(
    "text", ["", "x", "nan", "1e9", "-5", "1795400000", "1700000000", "1" * 40, "١٧٩٥٣٢١١٠٠"]
)
def test_an_arrival_that_cannot_be_is_not_believed(text: str) -> None:
    ear = Ear()
    Translator(ear).tell(place("line", text))
    assert ear.said[0] is None


@pytest.mark.parametrize(
    ("text", "believed"),
    [
        ("", None),
        ("nonsense", None),
        ("&" * 400, None),
        ("skill=" + "x" * 40, Wish()),
        ("skill=a%00b&language=minnan", Wish(language="minnan")),
        ("priority=-1", Wish(priority=-1)),
        ("priority=99&line=%2A%2A%2A", Wish()),
        ("priority=x&elder=yes", Wish()),
    ],
)
def test_of_a_wish_only_what_makes_sense_is_believed(text: str, believed: Wish | None) -> None:
    ear = Ear()
    Translator(ear).tell(place("line", "", text))
    assert ear.said[1] == believed


LEG = {"DestChannel": "PJSIP/node-hotline2-00000003", "DestUniqueid": "h-1.3"}


def test_a_leg_to_another_node_is_the_seat_that_was_dialled_there() -> None:
    dials = {"Channel": "PJSIP/trunk-0"} | LEG
    leg = {"Channel": LEG["DestChannel"], "Uniqueid": "h-1.3"}
    assert heard_of(
        event("DialBegin", DialString="s1007@node-hotline2", **dials),
        event("DialEnd", DialStatus="ANSWER", **dials),
        event("Hold", **leg),
        event("Hangup", ChannelStateDesc="Up", **leg),
    ) == [
        ("offered", "h-1.0", "s1007"),
        ("answered", "h-1.0", "s1007", LEG["DestChannel"]),
        ("held", "h-1.0"),
        ("ended", "h-1.0", LEG["DestChannel"]),
    ]


def test_the_node_of_the_seat_says_nothing_of_a_citizen_of_another_node() -> None:
    rings = {
        "Channel": "PJSIP/node-hotline1-00000001",
        "DestChannel": "PJSIP/s1007-00000002",
        "DestUniqueid": "h-1.2",
    }
    assert heard_of(event("DialBegin", **rings), event("DialEnd", DialStatus="ANSWER", **rings)) == []


def test_a_call_that_we_begin_is_its_seats_leg_and_then_the_citizen_answers() -> None:
    ours, seat = "h-1795321100.12345678", "PJSIP/s1001-00000002"
    rings = {"Event": "DialBegin", "Timestamp": "1.0", "DestChannel": seat, "DestUniqueid": ours}
    carrier = {
        "Uniqueid": ours,
        "Channel": seat,
        "DestChannel": "PJSIP/carrier-00000003",
        "DestUniqueid": "h-1.4",
    }
    assert heard_of(
        rings,
        rings | {"Event": "DialEnd", "DialStatus": "ANSWER"},
        event("DialBegin", **carrier),
        event("DialEnd", DialStatus="ANSWER", **carrier),
        event("Hangup", Channel=seat, ChannelStateDesc="Up", Uniqueid=ours, Linkedid=ours),
    ) == [
        ("offered", ours, "s1001"),
        ("answered", ours, "s1001", seat),
        ("reached", ours),
        ("ended", ours, seat),
    ]


def contact(what: str, where: str, endpoint: str = "s1001") -> Event:
    event = {"Event": "ContactStatus", "ContactStatus": what, "URI": where, "EndpointName": endpoint}
    return event | {"Timestamp": "1795321154.86"}


def test_a_seat_is_registered_as_long_as_one_of_its_telephones_is() -> None:
    ear = Ear()
    translator = Translator(ear)
    for event in (
        contact("NonQualified", "sip:old@x"),
        contact("NonQualified", "sip:new@x"),
        contact("Removed", "sip:old@x"),
        contact("Reachable", "sip:new@x"),
        contact("Removed", "sip:new@x"),
    ):
        translator.tell(event)
    assert ear.heard == [("registered", "s1001", there) for there in (True, True, True, True, False)]


def test_a_telephone_that_was_never_heard_of_is_gone_when_it_goes() -> None:
    ear = Ear()
    Translator(ear).tell(contact("Removed", "sip:old@x"))
    assert ear.heard == [("registered", "s1001", False)]


def test_a_picture_of_a_seats_telephones_replaces_what_was_heard_of_them() -> None:
    ear = Ear()
    translator = Translator(ear)
    translator.tell(contact("Reachable", "sip:old@x"))
    translator.registered("s1001", ["sip:new@x"], now())
    translator.tell(contact("Removed", "sip:new@x"))
    assert ear.heard[-1] == ("registered", "s1001", False)


def test_the_telephones_of_citizens_and_the_trunk_are_no_seats() -> None:
    ear = Ear()
    for endpoint in ("w0123456789abcdef", "trunk", ""):
        Translator(ear).tell(contact("Removed", "sip:a@x", endpoint))
    assert ear.heard == []


def test_a_seats_telephone_that_hangs_up_is_named_and_a_citizens_ends_the_call() -> None:
    ends = [word for word in told("talked_and_seat_hung_up").heard if word[0] == "ended"]
    assert sorted(len(word) for word in ends) == [2, 3]
    assert next(str(word[2]) for word in ends if len(word) == 3).startswith("PJSIP/s1001-")


# The listener, between a link and an engine.


def lists(action: Action) -> str:
    """Answer list actions with an empty line, everything else as usual."""
    if action["Action"] not in {"QueueStatus", "Status"}:
        return ok(action)
    end = message(action, Event=f"{action['Action']}Complete", EventList="Complete")
    return message(action, Response="Success", EventList="start") + end


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "RECONCILE_SECONDS", 0.05)


def listener(link: AMILink, ear: Ear) -> Listener:
    return Listener(link, AsteriskSwitch(link, now=now), ear, now=now)


def now() -> datetime:
    return datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.mark.usefixtures("quick")
async def test_after_the_link_is_up_the_engine_gets_a_whole_picture_and_then_one_every_few_seconds() -> None:
    async with fake_ami() as ami:
        ami.answer = lists
        async with held(link_to(ami.port)) as link:
            ear = Ear()
            listening = asyncio.create_task(listener(link, ear).run())
            await until(lambda: ear.words().count("compared") >= 3)
            listening.cancel()
    assert ear.words()[0] == "up"
    assert ear.words().count("up") == 1


@pytest.mark.parametrize(("contacts", "there"), [("PJSIP/s1001/sip:a@x", True), ("", False)])
async def test_after_the_link_is_up_the_engine_learns_which_talking_seat_lost_its_telephone(
    contacts: str, there: bool
) -> None:
    def talking(action: Action) -> str:
        if action["Action"] == "Getvar":
            return message(action, Response="Success", Variable=action["Variable"], Value=contacts)
        if action["Action"] != "Status":
            return lists(action)
        seat = {"Channel": "PJSIP/s1001-00000001", "Uniqueid": "h-1.1", "ChannelStateDesc": "Up"}
        rows = ({"Channel": "PJSIP/trunk-00000000", "Uniqueid": "h-1.0"}, seat)
        listed = "".join(message(action, Event="Status", Linkedid="h-1.0", **row) for row in rows)
        return (
            message(action, Response="Success", EventList="start")
            + listed
            + message(action, Event="StatusComplete", EventList="Complete")
        )

    async with fake_ami() as ami:
        ami.answer = talking
        async with held(link_to(ami.port)) as link:
            ear = Ear()
            listening = asyncio.create_task(listener(link, ear).run())
            await until(lambda: "registered" in ear.words())
            link.inbox.put_nowait({"Event": LINK_BEHIND})
            await until(lambda: ear.words().count("registered") == 2)
            listening.cancel()
        assert {sent["Variable"] for sent in ami.sent("Getvar")} == {"PJSIP_DIAL_CONTACTS(s1001)"}
    assert ("registered", "s1001", there) in ear.heard


@pytest.mark.usefixtures("quick")
async def test_a_flood_of_events_does_not_keep_the_picture_away() -> None:
    async with fake_ami() as ami:
        ami.answer = lists
        async with held(link_to(ami.port, inbox=100_000)) as link:
            ear = Ear()
            listening = asyncio.create_task(listener(link, ear).run())
            await until(lambda: "up" in ear.words())
            for _ in range(20_000):
                link.inbox.put_nowait({"Event": "Flood"})
            ear.heard.clear()
            await until(lambda: ear.words().count("compared") >= 2)
            listening.cancel()


async def test_one_event_that_cannot_be_taken_in_costs_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    async with fake_ami() as ami:
        ami.answer = lists
        async with held(link_to(ami.port)) as link:
            ear = Ear()
            listening = asyncio.create_task(listener(link, ear).run())
            link.inbox.put_nowait({"Event": "QueueCallerJoin", "Queue": "hotline"})
            for event in RECORDED["refused"]:
                link.inbox.put_nowait(event)
            await until(
                lambda: ear.words(*CALL_WORDS)[-1:] == ["joined"] and len(ear.words(*CALL_WORDS)) == 5
            )
            assert ami.connections == 1
            listening.cancel()
    assert [r.levelno for r in caplog.records if "QueueCallerJoin" in r.getMessage()] == [logging.ERROR]


@pytest.mark.usefixtures("quick")
async def test_a_lost_link_is_told_and_the_next_picture_holds_without_question() -> None:
    async with fake_ami() as ami:
        ami.answer = lists
        async with held(link_to(ami.port)) as link:
            ear = Ear()
            listening = asyncio.create_task(listener(link, ear).run())
            await until(lambda: "compared" in ear.words())
            ami.cut()
            await until(lambda: ear.words().count("up") == 2)
            listening.cancel()
    words = ear.words("up", "down")
    assert words == ["up", "down", "up"]


async def test_falling_behind_means_a_new_picture() -> None:
    async with fake_ami() as ami:
        ami.answer = lists
        async with held(link_to(ami.port)) as link:
            ear = Ear()
            listening = asyncio.create_task(listener(link, ear).run())
            await until(lambda: "up" in ear.words())
            link.inbox.put_nowait({"Event": LINK_BEHIND})
            await until(lambda: "compared" in ear.words())
            listening.cancel()


@pytest.mark.usefixtures("quick")
async def test_a_picture_that_fails_is_asked_for_again() -> None:
    def refusing(action: Action) -> str:
        if action["Action"] == "Status" and len(ami.sent("Status")) < 3:
            return message(action, Response="Error", Message="not now")
        return lists(action)

    async with fake_ami() as ami:
        ami.answer = refusing
        async with held(link_to(ami.port)) as link:
            ear = Ear()
            listening = asyncio.create_task(listener(link, ear).run())
            await until(lambda: "up" in ear.words())
            listening.cancel()
    assert len(ami.sent("Status")) >= 3


async def test_others_are_told_when_the_link_is_up_because_asterisks_memory_may_be_empty() -> None:
    told_them = []

    async def phones() -> None:
        told_them.append(True)

    link = link_to(1)
    hears = Listener(link, AsteriskSwitch(link, now=now), Ear(), now=now, after_up=phones)
    await hears._hear({"Event": LINK_UP})
    assert told_them == [True]


def test_a_carrier_that_is_gone_and_back_is_told_once_each_however_often_it_is_asked() -> None:
    ear = Ear()
    translator = Translator(ear)
    contact = {
        "Event": "ContactStatus",
        "EndpointName": "carrier",
        "URI": "sip:10.0.0.1:5060",
        "Timestamp": "1.0",
    }
    for status in ("Reachable", "Unreachable", "Unreachable", "Reachable", "Reachable"):
        translator.tell({**contact, "ContactStatus": status})
    assert ear.heard == [("carrier", "10.0.0.1:5060", True), ("carrier", "10.0.0.1:5060", False)]
