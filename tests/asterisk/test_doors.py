"""Who gets in, and how far."""

import urllib.error
import urllib.request

import pytest

from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard
from tests.sip import RawCaller

pytestmark = pytest.mark.asterisk

STRANGER = "127.0.0.2"  # an address on loopback that is no trunk


@pytest.mark.parametrize("name", ["anonymous", "trunk", "s1001", "13850123456", "hotline"])
@pytest.mark.parametrize("method", ["INVITE", "REGISTER", "SUBSCRIBE", "MESSAGE"])
async def test_a_stranger_is_asked_for_a_secret_whatever_he_calls_himself(
    switchboard: Switchboard, name: str, method: str
) -> None:
    server = (switchboard.settings.sip_host, switchboard.settings.sip_port)
    with RawCaller(server, STRANGER) as stranger:
        stranger.request(method, f"<sip:{name}@{STRANGER}>".encode())
        code, _text = stranger.answer()
    assert code == 401
    assert switchboard.kinds() == []


async def test_the_trunk_reaches_numbers_of_the_hotline_and_nothing_else(
    switchboard: Switchboard, people: People
) -> None:
    citizen = await people.citizen()
    for number in ("s1001", "route-end", "s", "i", "incoming", "0", "1", "message", "1a3"):
        assert await citizen.is_refused(number) == "404 Not Found"
    assert switchboard.kinds() == []


async def test_a_web_phone_reaches_12345_and_nothing_else(switchboard: Switchboard, people: People) -> None:
    line = switchboard.let_in("w0123456789abcdef", "hotline-webphone", callerid="<13850123456>")
    browser = await people.telephone(line)
    for number in ("13800138000", "s1001", "route-end", "s", "message"):
        assert await browser.is_refused(number) == "404 Not Found"
    await browser.dials("12345")
    (offered,) = switchboard.facts("OFFERED")
    assert (offered.detail["number"], offered.detail["way"]) == ("13850123456", "web")


async def test_a_seat_can_dial_nothing(switchboard: Switchboard, people: People) -> None:
    seat = await people.seat()
    for number in ("12345", "s1002", "13800138000", "s", "route-line"):
        assert await seat.is_refused(number) == "404 Not Found"
    assert switchboard.kinds() == []


async def test_a_seat_with_the_wrong_secret_may_not_register(
    switchboard: Switchboard, people: People
) -> None:
    line = switchboard.let_in("s1002", "hotline-seats")
    with pytest.raises(AssertionError, match="may not register"):
        await people.telephone(switchboard.line(line.user, "wrong"))


@pytest.mark.parametrize(
    ("action", "headers"),
    [
        ("Command", {"Command": "core show version"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("UpdateConfig", {"SrcFilename": "a.conf", "DstFilename": "b.conf"}),
        ("DBPut", {"Family": "a", "Key": "b", "Val": "c"}),
        ("DialplanExtensionAdd", {"Context": "a", "Extension": "b", "Priority": "1", "Application": "Wait"}),
        ("ModuleLoad", {"LoadType": "unload", "Module": "app_queue.so"}),
    ],
)
def test_our_process_may_not_do_what_it_does_not_need(
    one_switchboard: Switchboard, action: str, headers: dict[str, str]
) -> None:
    answer = one_switchboard.ami(action, **headers)
    assert answer["Response"] == "Error"
    assert "ermission" in answer["Message"]


def test_our_process_may_begin_calls_but_no_program(one_switchboard: Switchboard) -> None:
    program = {"Channel": "Local/1@hotline-keys", "Application": "System", "Data": "true"}
    answer = one_switchboard.ami("Originate", **program)
    assert answer["Response"] == "Error"
    assert "Forbidden" in answer["Message"]


def test_the_watching_account_sees_the_line_and_moves_nothing(one_switchboard: Switchboard) -> None:
    assert one_switchboard.ami("QueueStatus", account="hotline-watch")["Response"] == "Success"
    moved = one_switchboard.ami("Setvar", account="hotline-watch", Variable="HOTLINE_HEARTBEAT", Value="1")
    assert (moved["Response"], moved["Message"]) == ("Error", "Permission denied")


def test_ari_wants_its_password(one_switchboard: Switchboard) -> None:
    address = f"http://127.0.0.1:{one_switchboard.settings.http_port}/ari/asterisk/info"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address, timeout=5)
    assert refused.value.code == 401
    refused.value.close()
