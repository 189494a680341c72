"""Browser telephones: their accounts and their socket."""

import asyncio

import aiohttp
import pytest

from console.phones import PhonesClosed
from tests.console.world import Browser, World, hear, settled

REGISTER = "REGISTER sip:hotline SIP/2.0\r\nVia: SIP/2.0/WSS x.invalid\r\nContent-Length: 0\r\n\r\n"


async def test_a_seats_sip_is_carried_to_asterisk_and_back(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/sip", protocols=("sip",)) as socket:
        assert socket.protocol == "sip"
        await socket.send_str(REGISTER)
        assert await socket.receive_str(timeout=10) == REGISTER


async def test_when_asterisk_hangs_up_so_does_the_proxy(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/sip", protocols=("sip",)) as socket:
        await settled(lambda: world.exchange.sockets)
        await world.exchange.sockets[0].close()
        assert (await socket.receive(timeout=10)).type is aiohttp.WSMsgType.CLOSE


async def test_when_the_browser_goes_asterisks_side_is_closed(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/sip", protocols=("sip",)):
        await settled(lambda: world.exchange.sockets)
    await settled(lambda: world.exchange.sockets[0].closed)


async def test_a_sip_message_over_the_limit_closes_the_socket(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/sip", protocols=("sip",)) as socket:
        await socket.send_str("x" * 40_000)
        message = await socket.receive(timeout=10)
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert message.data == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_flood_of_sip_is_cut_off(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/sip", protocols=("sip",)) as socket:
        for _ in range(400):
            await socket.send_str("\r\n\r\n")
        echoed = 0
        async with asyncio.timeout(10):
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                echoed += 1
    assert echoed < 200


async def test_one_telephone_has_few_sockets(world: World) -> None:
    agent = await world.signed_in("1001")
    async with (
        agent.socket("/sip", protocols=("sip",)),
        agent.socket("/sip", protocols=("sip",)),
        agent.socket("/sip", protocols=("sip",)),
    ):
        assert await _refused(agent, "/sip") == 429


async def test_with_asterisk_away_the_socket_is_refused_at_once(world: World) -> None:
    agent = await world.signed_in("1001")
    await world.exchange.stop()
    assert await _refused(agent, "/sip") == 503


async def test_a_citizens_socket_needs_the_ticket_of_its_visit(world: World) -> None:
    citizen = world.browser()
    phone = (await citizen.send_json("POST", "/api/webphone", {"number": ""})).json
    async with citizen.socket(phone["ws"], protocols=("sip",)) as socket:
        await socket.send_str(REGISTER)
        assert await socket.receive_str(timeout=10) == REGISTER
    assert await _refused(citizen, "/sip") == 401
    assert await _refused(citizen, "/sip?phone=guess") == 401
    assert await _refused(citizen, f"/sip?phone={phone['secret']}") == 401
    assert await _refused(citizen, phone["ws"], {"Origin": "https://evil.example"}) == 403


async def test_a_citizens_phone_ends_when_nobody_uses_it(world: World) -> None:
    citizen = world.browser()
    phone = (await citizen.send_json("POST", "/api/webphone", {"number": "13850123456"})).json
    async with citizen.socket(phone["ws"], protocols=("sip",)):
        world.clock.pass_(minutes=20)
        await world.phones.sweep(world.clock())
        assert f"endpoint/{phone['user']}" in world.exchange.objects
    await settled(lambda: world.exchange.sockets[0].closed)
    world.clock.pass_(seconds=61)
    await world.phones.sweep(world.clock())
    assert not any(key.endswith(phone["user"]) for key in world.exchange.objects)
    assert await _refused(citizen, phone["ws"]) == 401


async def test_a_visit_that_was_never_used_ends_too(world: World) -> None:
    await world.phones.open_visit("", address="198.51.100.1", at=world.clock())
    world.clock.pass_(seconds=61)
    await world.phones.sweep(world.clock())
    assert world.exchange.objects == {}


async def test_only_so_many_citizens_phones_are_open_at_once(world: World) -> None:
    for number in range(20):
        await world.phones.open_visit("", address=f"198.51.100.{number}", at=world.clock())
    with pytest.raises(PhonesClosed):
        await world.phones.open_visit("", address="203.0.113.1", at=world.clock())


async def test_no_citizens_phone_is_promised_while_asterisk_is_away(world: World) -> None:
    world.exchange.broken = True
    seen = await world.browser().send_json("POST", "/api/webphone", {"number": ""})
    assert seen.status == 503


async def test_a_restarted_asterisk_gets_every_account_again_with_the_same_secret(world: World) -> None:
    agent = await world.signed_in("1001")
    citizen = (await world.browser().send_json("POST", "/api/webphone", {"number": ""})).json
    async with agent.socket("/live/desk") as socket:
        seat = await hear(socket, "phone")
        world.exchange.objects.clear()
        await world.phones.repush()
    assert world.exchange.objects["auth/s1001"]["password"] == seat["secret"]
    assert world.exchange.objects[f"auth/{citizen['user']}"]["password"] == citizen["secret"]
    assert world.exchange.objects[f"endpoint/{citizen['user']}"]["context"] == "hotline-webphone"


async def test_the_endpoint_comes_last_so_that_no_half_account_can_be_used(world: World) -> None:
    await world.phones.open_seat("s1001")
    assert world.exchange.asked == ["PUT auth/s1001", "PUT aor/s1001", "PUT endpoint/s1001"]
    await world.phones.close_seat("s1001")
    assert world.exchange.asked[3:] == ["DELETE endpoint/s1001", "DELETE aor/s1001", "DELETE auth/s1001"]


async def test_secrets_do_not_show_where_accounts_are_printed(world: World) -> None:
    phone, _ = await world.phones.open_seat("s1001")
    assert phone.secret not in repr(phone)


async def _refused(browser: Browser, path: str, headers: dict[str, str] | None = None) -> int:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with browser.socket(path, headers, protocols=("sip",)):
            pass
    return refused.value.status
