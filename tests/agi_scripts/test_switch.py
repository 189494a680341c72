"""The engine's commands in the words of AMI, and AMI's lists as one picture."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from agi_scripts.picture import seat_of_channel
from agi_scripts.switch import AsteriskSwitch, one_line
from cases.call_facts import read_cel
from cases.transcripts import Party
from routing.live import Wish
from routing.switch import Connected, Member, Snapshot, SwitchFailed, Waiting
from tests.agi_scripts.ami_world import Action, Answer, FakeAMI, fake_ami, held, link_to, message, ok

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
CALL = "hotline1-1795308607.0"
CHANNEL = "PJSIP/trunk-00000000"


@asynccontextmanager
async def switch(answer: Answer = ok) -> AsyncIterator[tuple[AsteriskSwitch, FakeAMI]]:
    async with fake_ami() as ami:
        ami.answer = answer
        async with held(link_to(ami.port)) as link:
            yield AsteriskSwitch(link, now=lambda: NOW), ami


def saying(name: str, words: str, response: str = "Error") -> Answer:
    """Answer one action with these words and all others with yes."""
    return lambda action: (
        message(action, Response=response, Message=words) if action["Action"] == name else ok(action)
    )


async def test_a_caller_is_moved_into_the_context_that_rings_the_seat() -> None:
    async with switch() as (asterisk, ami):
        await asterisk.assign(CALL, "s1001", channel=CHANNEL, reason="longest idle")
        (sent,) = ami.sent("Redirect")
    where = {name: sent[name] for name in ("Channel", "Context", "Exten", "Priority")}
    assert where == {"Channel": CHANNEL, "Context": "hotline-seat", "Exten": "s1001", "Priority": "1"}


async def test_a_caller_whose_desk_is_lost_is_moved_to_where_it_is_waited_for() -> None:
    async with switch() as (asterisk, ami):
        await asterisk.reconnect(CALL, "s1001", channel=CHANNEL)
        (sent,) = ami.sent("Redirect")
    assert (sent["Channel"], sent["Context"], sent["Exten"]) == (CHANNEL, "hotline-reconnect", "s1001")


@pytest.mark.parametrize(
    ("term", "seat_node", "order"),
    [
        (0, "", "s1001"),
        (0, "hotline1", "s1001"),
        (7, "", "s1001-7"),
        (7, "hotline2", "s1001-7-hotline2"),
        (0, "hot-line2", "s1001-0-hot-line2"),
    ],
)
async def test_the_order_says_the_term_and_the_node_of_the_seat_if_it_is_another(
    term: int, seat_node: str, order: str
) -> None:
    async with switch() as (asterisk, ami):
        await asterisk.assign(CALL, "s1001", channel=CHANNEL, reason="x", term=term, seat_node=seat_node)
        await asterisk.reconnect(CALL, "s1001", channel=CHANNEL, term=term, seat_node=seat_node)
        assert [sent["Exten"] for sent in ami.sent("Redirect")] == [order, order]


async def test_who_stays_paused_without_us_is_noted_where_the_dialplan_can_read_it() -> None:
    async with switch() as (asterisk, ami):
        for reason in ("call", "wrap_up", "break", "disabled", "call"):
            await asterisk.pause_seat("s1001", reason)
        notes = [(sent["Variable"], sent["Value"]) for sent in ami.sent("Setvar")]
    key = "HOTLINE_STAYS_s1001"
    assert notes == [
        (key, ""),
        ("HOTLINE_SEATS_1", "s1001"),
        (key, "break"),
        (key, "disabled"),
        (key, ""),
    ]


async def test_seats_that_may_be_freed_without_us_are_listed_by_their_last_digit() -> None:
    async with switch() as (asterisk, ami):
        for seat in ("s1001", "s1002", "s1011", "s1001"):
            await asterisk.pause_seat(seat, "call")
        lists = {
            sent["Variable"]: sent["Value"] for sent in ami.sent("Setvar") if "SEATS" in sent["Variable"]
        }
    assert lists == {"HOTLINE_SEATS_1": "s1001,s1011", "HOTLINE_SEATS_2": "s1002"}


async def test_where_a_seats_telephones_are() -> None:
    def contacts(action: Action) -> str:
        value = "PJSIP/s1001/sip:a@1.2.3.4;transport=ws&PJSIP/s1001/sip:b@1.2.3.4"
        return (
            message(action, Response="Success", Value=value) if action["Action"] == "Getvar" else ok(action)
        )

    async with switch(contacts) as (asterisk, _):
        assert await asterisk.telephones("s1001") == {"sip:a@1.2.3.4;transport=ws", "sip:b@1.2.3.4"}
    async with switch() as (asterisk, _):
        assert await asterisk.telephones("s1001") == set()
    async with switch(saying("Getvar", "Permission denied")) as (asterisk, _):
        with pytest.raises(SwitchFailed, match="Permission denied"):
            await asterisk.telephones("s1001")


async def test_a_caller_who_is_gone_cannot_be_moved() -> None:
    async with switch(saying("Redirect", "Channel does not exist")) as (asterisk, _):
        with pytest.raises(SwitchFailed, match="does not exist"):
            await asterisk.assign(CALL, "s1001", channel=CHANNEL, reason="x")


async def test_a_seat_joins_the_line_paused_and_out_of_app_queues_reach() -> None:
    async with switch() as (asterisk, ami):
        await asterisk.add_seat("s1001", "陈小明\r\n")
        (sent,) = ami.sent("QueueAdd")
    assert sent["MemberName"] == "陈小明"
    assert (sent["Interface"], sent["StateInterface"]) == ("PJSIP/s1001", "PJSIP/s1001")
    assert (sent["Penalty"], sent["Paused"]) == ("10", "true")


async def test_a_seat_that_is_in_the_line_already_is_paused() -> None:
    async with switch(saying("QueueAdd", "Unable to add interface: Already there")) as (asterisk, ami):
        await asterisk.add_seat("s1001", "陈小明")
        assert ami.sent("QueuePause")[0]["Paused"] == "true"


async def test_a_seat_that_is_not_in_the_line_is_removed_without_complaint() -> None:
    async with switch(saying("QueueRemove", "Unable to remove interface: Not there")) as (asterisk, _):
        await asterisk.remove_seat("s1001")


@pytest.mark.parametrize(
    ("action", "words"), [("QueueAdd", "No such queue"), ("QueueRemove", "No such queue")]
)
async def test_what_asterisk_refuses_is_said(action: str, words: str) -> None:
    async with switch(saying(action, words)) as (asterisk, _):
        with pytest.raises(SwitchFailed, match=words):
            await (asterisk.add_seat("s1001", "x") if action == "QueueAdd" else asterisk.remove_seat("s1001"))


async def test_a_pause_carries_its_reason_in_one_line_and_injects_nothing() -> None:
    async with switch() as (asterisk, ami):
        await asterisk.pause_seat("s1001", "喝茶\r\n\r\nAction: Originate")
        await asterisk.unpause_seat("s1001")
        assert [(sent["Paused"], sent.get("Reason")) for sent in ami.sent("QueuePause")] == [
            ("true", "喝茶 Action: Originate"),
            ("false", None),
        ]
        assert ami.sent("Originate") == []


async def test_a_channel_name_with_a_line_break_is_refused() -> None:
    async with switch() as (asterisk, ami):
        with pytest.raises(SwitchFailed):
            await asterisk.hang_up("PJSIP/x\r\nAction: Originate")
        assert ami.sent("Hangup") == []


async def test_hanging_up_a_channel_that_is_gone_has_reached_its_end() -> None:
    async with switch(saying("Hangup", "No such channel")) as (asterisk, _):
        await asterisk.hang_up(CHANNEL)


async def test_a_fact_goes_into_queue_log_with_its_own_time() -> None:
    at = NOW + timedelta(milliseconds=123)
    async with switch() as (asterisk, ami):
        await asterisk.fact(CALL, "assign", at, seat="s1001", reason="最久空闲, 第1|x\n")
        (sent,) = ami.sent("QueueLog")
    assert (sent["Queue"], sent["Event"], sent["Uniqueid"]) == ("hotline", "HOTLINE_ASSIGN", CALL)
    assert sent["Interface"] == "s1001"
    assert not set(sent["Message"]) & set("|,\n ")
    detail = parse_qs(sent["Message"])
    assert detail == {"at": [str(int(at.timestamp() * 1000))], "reason": ["最久空闲, 第1|x\n"]}


async def test_an_answer_that_does_not_come_is_a_failure_and_not_a_second_try() -> None:
    def silent(action: Action) -> str | None:
        return None if action["Action"] == "Redirect" else ok(action)

    async with switch(silent) as (asterisk, ami):
        asterisk._link.protocol.close()  # as if the link broke
        with pytest.raises(SwitchFailed):
            await asterisk.assign(CALL, "s1001", channel=CHANNEL, reason="x")
        assert ami.sent("Redirect") == []


def member(location: str, status: str, *, paused: str = "0", reason: str = "") -> dict[str, str]:
    row = {"Event": "QueueMember", "Name": "陈小明", "Location": location, "Status": status}
    return row | {"Paused": paused, "PausedReason": reason}


def channel(name: str, uniqueid: str, call: str, *, state: str = "Up", seconds: str = "3") -> dict[str, str]:
    row = {"Event": "Status", "Channel": name, "Uniqueid": uniqueid, "Linkedid": call}
    return row | {"ChannelStateDesc": state, "Seconds": seconds, "CallerIDNum": "13850123456"}


WAITS = {"Event": "QueueEntry", "Uniqueid": "hotline1-3.0", "Channel": "PJSIP/trunk-00000003", "Wait": "7"}
PICTURE = {
    "QueueStatus": [
        {"Event": "QueueParams", "Queue": "hotline", "Calls": "1"},
        member("PJSIP/s1001", "1", paused="1", reason="break"),
        member("PJSIP/s1002", "5"),
        member("Local/1@x", "1"),
        WAITS | {"CallerIDNum": "unknown"},
    ],
    "Status": [
        channel(CHANNEL, CALL, CALL, seconds="90"),
        channel("PJSIP/s1001-00000002", "hotline1-2.1", CALL, seconds="60"),
        channel("PJSIP/trunk-00000004", "hotline1-4.0", "hotline1-4.0", seconds="20"),
        channel("PJSIP/s1002-00000005", "hotline1-4.1", "hotline1-4.0", state="Ringing"),
        channel("PJSIP/s1003-00000006", "hotline1-9.9", "hotline1-9.8"),
    ],
}


def picture(action: Action) -> str:
    name = action["Action"]
    if name not in PICTURE:
        return ok(action)
    listed = "".join(message(action, **row) for row in PICTURE[name])
    end = message(action, Event=f"{name}Complete", EventList="Complete")
    return message(action, Response="Success", EventList="start") + listed + end


async def test_a_snapshot_shows_who_waits_who_talks_and_who_could_be_rung() -> None:
    async with switch(picture) as (asterisk, _):
        seen = await asterisk.snapshot()
    assert seen.at == NOW
    assert seen.waiting == (
        Waiting("hotline1-3.0", "PJSIP/trunk-00000003", "", since=NOW - timedelta(seconds=7)),
    )
    since, rung = NOW - timedelta(seconds=60), NOW - timedelta(seconds=3)
    assert seen.talks == (
        Connected(CALL, CHANNEL, "13850123456", "s1001", "PJSIP/s1001-00000002", since, since),
        Connected(
            "hotline1-4.0", "PJSIP/trunk-00000004", "13850123456", "s1002", "PJSIP/s1002-00000005", rung, None
        ),
    )
    assert seen.members == (Member("s1001", paused=True, reason="break"), Member("s1002", paused=False))


def shows(row: dict[str, str], **values: str) -> dict[str, str]:
    """Return the row with variables, as AMI repeats one header for each."""
    said = "\r\nVariable: ".join(f"HOTLINE_{name}={value}" for name, value in values.items())
    return row | {"Variable": said}


def stamp(seconds: float) -> str:
    return f"{(NOW - timedelta(seconds=seconds)).timestamp():.3f}"


async def picture_of(*channels: dict[str, str], queued: tuple[dict[str, str], ...] = ()) -> Snapshot:
    rows = {"QueueStatus": list(queued), "Status": list(channels)}

    def answer(action: Action) -> str:
        name = action["Action"]
        listed = "".join(message(action, **row) for row in rows.get(name, []))
        end = message(action, Event=f"{name}Complete", EventList="Complete")
        return (
            message(action, Response="Success", EventList="start") + listed + end
            if name in rows
            else ok(action)
        )

    async with switch(answer) as (asterisk, _):
        return await asterisk.snapshot()


async def test_who_waits_has_come_when_his_channel_says_so_and_not_when_this_round_began() -> None:
    row = channel("PJSIP/trunk-00000003", "hotline1-3.0", "hotline1-3.0")
    seen = await picture_of(shows(row, SINCE=stamp(500), WISH="skill=labour", PLACE="line"), queued=(WAITS,))
    (waiting,) = seen.waiting
    assert waiting.since == NOW - timedelta(seconds=500)
    assert waiting.wish == Wish(skill="labour")
    (forged,) = (await picture_of(shows(row, SINCE="never"), queued=(WAITS,))).waiting
    assert forged.since == NOW - timedelta(seconds=7)


@pytest.mark.parametrize(("place", "aside"), [("line", False), ("aside", True)])
async def test_who_is_told_of_his_wait_or_asks_for_something_is_in_the_line(place: str, aside: bool) -> None:
    row = channel("PJSIP/trunk-00000003", "hotline1-3.0", "hotline1-3.0")
    (waiting,) = (await picture_of(shows(row, SINCE=stamp(20), PLACE=f"{place} 1 x"))).waiting
    assert (waiting.channel, waiting.since, waiting.aside) == (
        "PJSIP/trunk-00000003",
        NOW - timedelta(seconds=20),
        aside,
    )


@pytest.mark.parametrize("place", ["seat", "gone", ""])
async def test_who_has_a_seat_or_leaves_a_message_is_not_in_the_line(place: str) -> None:
    row = channel("PJSIP/trunk-00000003", "hotline1-3.0", "hotline1-3.0")
    assert (await picture_of(shows(row, SINCE=stamp(20), PLACE=place))).waiting == ()


async def test_a_talk_with_a_seat_of_another_node_is_seen_where_the_citizen_is_and_only_there() -> None:
    leg = channel("PJSIP/node-hotline2-00000009", "hotline1-9.1", CALL, seconds="60")
    (talk,) = (await picture_of(channel(CHANNEL, CALL, CALL), shows(leg, SEAT="s1007"))).talks
    assert (talk.call, talk.seat, talk.seat_channel) == (CALL, "s1007", "PJSIP/node-hotline2-00000009")
    there = channel("PJSIP/node-hotline1-00000001", "hotline2-5.0", "hotline2-5.0")
    seat = channel("PJSIP/s1007-00000002", "hotline2-5.1", "hotline2-5.0")
    assert (await picture_of(shows(there, SEAT="s1007"), seat)).talks == ()


@pytest.mark.parametrize("reached", [False, True])
async def test_a_call_of_ours_is_its_seats_with_what_it_is_for(reached: bool) -> None:
    ours = "hotline1-1795308607.12345678"
    seat = channel("PJSIP/s1001-00000002", ours, ours, seconds="9")
    citizen = channel("PJSIP/carrier-00000003", "hotline1-1.9", ours, state="Up" if reached else "Ringing")
    said = "number=13850123456&purpose=ring_back&owed=hotline1-7.0&seat=s1001"
    (talk,) = (await picture_of(shows(seat, SAID=said), citizen)).talks
    assert (talk.call, talk.channel, talk.number, talk.ring_back) == (ours, "", "13850123456", "hotline1-7.0")
    assert (talk.reached_at is not None) == reached


async def test_which_seats_have_a_telephone() -> None:
    async with switch(picture) as (asterisk, _):
        assert (await asterisk.snapshot()).telephones == frozenset({"s1001"})


async def test_a_picture_that_cannot_be_had_is_a_failure() -> None:
    async with switch(saying("QueueStatus", "Permission denied")) as (asterisk, _):
        with pytest.raises(SwitchFailed, match="Permission denied"):
            await asterisk.snapshot()


@pytest.mark.parametrize(
    ("channel", "seat"),
    [
        ("PJSIP/s1001-0000000b", "s1001"),
        ("PJSIP/w0123456789abcdef-0000000b", ""),
        ("PJSIP/trunk-0000000b", ""),
        ("Local/s1001@x-0000000b;1", ""),
        ("PJSIP/s1001", ""),
    ],
)
def test_a_seat_is_known_by_the_name_of_its_channel(channel: str, seat: str) -> None:
    assert seat_of_channel(channel) == seat


def test_a_name_is_one_printable_line_of_limited_length() -> None:
    assert one_line("  陈\t小明\x00\n ") == "陈 小明"
    assert len(one_line("长" * 500)) == 80


async def test_a_leg_is_heard_by_a_channel_of_its_own_whose_id_is_no_calls() -> None:
    async with switch() as (asterisk, ami):
        await asterisk.listen(CALL, Party.CITIZEN, "PJSIP/trunk-0000001f")
        await asterisk.unlisten(CALL, Party.CITIZEN, "PJSIP/trunk-0000001f")
        (begun,), (ended,) = ami.sent("Originate"), ami.sent("Hangup")
    where, _, ear = begun["Channel"].partition(",ear=")
    assert where == f"WebSocket/hotline-media/c(slin)v(call={CALL},party=citizen"
    assert begun["ChannelId"] == f"{CALL}-e{ear.removesuffix(')')}"
    assert (begun["Application"], begun["Data"]) == ("ChanSpy", "PJSIP/trunk-0000001f,qoES")
    assert ended["Channel"] == begun["ChannelId"]
    row = {"eventtype": "CHAN_START", "eventtime": "1795310020.1", "uniqueid": begun["ChannelId"]}
    assert read_cel(json.dumps({**row, "linkedid": begun["ChannelId"]})).call == ""


async def test_a_leg_that_is_heard_no_more_already_is_no_failure() -> None:
    async with switch(saying("Hangup", "No such channel")) as (asterisk, ami):
        await asterisk.unlisten(CALL, Party.SEAT, "PJSIP/s1001-0000001f")
        await asterisk.listen(CALL, Party.SEAT, "PJSIP/s1001-0000001f")
        await asterisk.unlisten(CALL, Party.SEAT, "PJSIP/s1001-0000001f")
        assert len(ami.sent("Hangup")) == 1


async def test_each_ear_has_an_id_that_was_never_used_or_asterisk_crashes() -> None:
    async with switch() as (asterisk, ami):
        for _ in range(3):
            await asterisk.listen(CALL, Party.SEAT, "PJSIP/s1001-0000001f")
        assert len({sent["ChannelId"] for sent in ami.sent("Originate")}) == 3


async def test_of_a_call_of_ours_the_other_end_of_the_seats_leg_is_heard() -> None:
    def peer(action: Action) -> str:
        value = "PJSIP/carrier-00000002" if action["Action"] == "Getvar" else ""
        return message(action, Response="Success", Value=value)

    async with switch(peer) as (asterisk, ami):
        await asterisk.listen(CALL, Party.CITIZEN, "PJSIP/s1001-0000001f", other_end=True)
        await asterisk.unlisten(CALL, Party.CITIZEN, "PJSIP/s1001-0000001f")
        (begun,), (ended,) = ami.sent("Originate"), ami.sent("Hangup")
    assert begun["Data"] == "PJSIP/carrier-00000002,qoES"
    assert ended["Channel"] == begun["ChannelId"]


async def test_who_is_connected_to_nobody_is_not_heard() -> None:
    async with switch() as (asterisk, ami):
        with pytest.raises(SwitchFailed, match="connected to nobody"):
            await asterisk.listen(CALL, Party.CITIZEN, "PJSIP/s1001-0000001f", other_end=True)
        assert ami.sent("Originate") == []
