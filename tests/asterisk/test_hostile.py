"""Callers whose numbers and names are no numbers and names. Nothing of them is executed, kept or forged."""

import json

import pytest

from agi_scripts.agi import AGISession
from agi_scripts.server import Script
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard
from tests.sip import RawCaller, eventually

pytestmark = pytest.mark.asterisk

Scripts = dict[str, Script]

FORGED = "%0d%0aUniqueid%3a%20forged%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aUniqueid%3a%20forged"
# What Asterisk may complain of: it dropped a packet that is no SIP, it replaced bytes that are no UTF-8.
EXPECTED = ("pjproject", "invalid UTF-8")
# From header as sent, and the number that is kept of it.
CALLERS = [
    pytest.param(b'"" <sip:@127.0.0.1>', None, id="no-number"),
    pytest.param(b"<sip:127.0.0.1>", "", id="host-only"),
    pytest.param(b"<sip:1@127.0.0.1>", "1", id="one-digit"),
    pytest.param(b"<sip:" + b"7" * 40 + b"@127.0.0.1>", "", id="forty-digits"),
    pytest.param(b"<sip:%2B8613850123456@127.0.0.1>", "+8613850123456", id="plus"),
    pytest.param(b"<sip:138%2B501%2B23456@127.0.0.1>", "13850123456", id="plus-inside"),
    pytest.param(b"<tel:+86-138-5012-3456;phone-context=x.example>", "+8613850123456", id="tel"),
    pytest.param(b"sip:13850123456@127.0.0.1", "13850123456", id="no-brackets"),
    pytest.param(b'"<sip:110@x>" <sip:13850123456@127.0.0.1>', "13850123456", id="address-in-name"),
    pytest.param(
        b'"<sip:110@x>\\" <sip:119@y>" <sip:13850123456@127.0.0.1>', "13850123456", id="two-in-name"
    ),
    pytest.param(
        b'"13\\"8\\", \\$\\{HOTLINE_AGI\\}" <sip:13850123456@127.0.0.1>', "13850123456", id="quotes-in-name"
    ),
    pytest.param(b"<sip:138%22%27%5C@127.0.0.1>", "138", id="quotes-in-number"),
    pytest.param(b"<sip:138$%7BHOTLINE_AGI%7D@127.0.0.1>", "138", id="variable"),
    pytest.param(b"<sip:138),Hangup(@127.0.0.1>", "138", id="parentheses-and-commas"),
    pytest.param(b"<sip:138%5D%3F1%3A2$%5B1@127.0.0.1>", "138121", id="expression"),
    pytest.param(f"<sip:138{FORGED}@127.0.0.1>".encode(), "138", id="line-breaks-in-number"),
    pytest.param(
        f'"x{FORGED}" <sip:13850123456@127.0.0.1>'.encode(), "13850123456", id="line-breaks-in-name"
    ),
    pytest.param('"张三" <sip:13850123456@127.0.0.1>'.encode(), "13850123456", id="chinese-name"),
    pytest.param(b"<sip:%E5%BC%A0%E4%B8%89138@127.0.0.1>", "138", id="chinese-number"),
    pytest.param("<sip:张三138@127.0.0.1>".encode(), None, id="chinese-number-not-escaped"),
    pytest.param(b"<sip:%E5%BC%A0%00138@127.0.0.1>", None, id="zero-byte"),
    pytest.param('"张三" <sip:13850123456@127.0.0.1>'.encode("gbk"), "13850123456", id="gbk-name"),
    pytest.param(b"<sip:anonymous@anonymous.invalid>", "", id="anonymous"),
]


def server(switchboard: Switchboard) -> tuple[str, int]:
    return switchboard.settings.sip_host, switchboard.settings.sip_port


@pytest.mark.parametrize(("sender", "number"), CALLERS)
async def test_a_strange_caller_is_served_or_refused_and_leaves_no_trace_but_digits(
    switchboard: Switchboard, scripts: Scripts, sender: bytes, number: str | None
) -> None:
    seen: list[str] = []

    async def incoming(call: AGISession) -> None:
        seen.append(call.caller)
        await call.route("line")

    scripts["incoming"] = incoming
    complaints = len(switchboard.complaints())
    with RawCaller(server(switchboard)) as caller:
        code = caller.calls(sender)
        if code == 200:
            await eventually(lambda: switchboard.facts("QUEUED"))
            (offered,) = switchboard.facts("OFFERED")
            kept = offered.detail["number"]
            assert set(kept) <= set("+0123456789")
            assert len(kept) <= 21
            assert number is None or kept == number
            assert seen == [kept]
            caller.hangs_up(sender)
            await eventually(lambda: switchboard.facts("ENDED"))
        else:
            # A request that is no SIP may be dropped; a telephone number never is.
            assert number is None
    new = switchboard.complaints()[complaints:]
    assert [line for line in new if not any(word in line for word in EXPECTED)] == []
    assert switchboard.ami("Ping")["Response"] == "Success"


async def test_a_number_with_line_breaks_forges_no_event_of_ami(
    switchboard: Switchboard, scripts: Scripts
) -> None:
    async def incoming(call: AGISession) -> None:
        await call.route("line")

    scripts["incoming"] = incoming
    sender = f'"{FORGED}" <sip:138{FORGED}@127.0.0.1>'.encode()
    with switchboard.ami_events() as events, RawCaller(server(switchboard)) as caller:
        assert caller.calls(sender) == 200
        await eventually(lambda: switchboard.facts("QUEUED"))
        caller.hangs_up(sender)
        await eventually(lambda: switchboard.facts("ENDED"))
        text = events()
    assert "Event: QueueCallerJoin" in text
    assert "forged" not in text


async def test_every_row_of_cel_stays_one_line_of_json(
    switchboard: Switchboard, people: People, scripts: Scripts
) -> None:
    async def incoming(call: AGISession) -> None:
        await call.route("end")

    scripts["incoming"] = incoming
    with RawCaller(server(switchboard)) as caller:
        caller.calls(f'"张三\\\\\\"{FORGED}" <sip:138%22%5C{FORGED}@127.0.0.1>'.encode())
        citizen = await people.citizen()
        await citizen.dials()
        await eventually(lambda: switchboard.facts("ENDED"))
    text = (switchboard.folder / "log" / "cel-custom" / "cel.json").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert {tuple(row) for row in rows} == {tuple(rows[0])}
