"""`/sip?wall=1`: the socket of a supervisor's own telephone, and of nobody else's."""

import aiohttp
import pytest

from tests.console.world import World


async def test_a_supervisors_sip_goes_to_asterisk_for_supervisors_only_and_for_no_foreign_page(
    world: World,
) -> None:
    lead, agent, admin = [await world.signed_in(login) for login in ("lead", "1001", "admin")]
    async with lead.socket("/sip?wall=1", protocols=("sip",)) as socket:
        assert socket.protocol == "sip"
        await socket.send_str("REGISTER sip:hotline SIP/2.0\r\n\r\n")
        assert await socket.receive_str(timeout=10) == "REGISTER sip:hotline SIP/2.0\r\n\r\n"
    # An agent's `wall` is passed over: the socket is that of his own seat. Who has neither gets none.
    async with agent.socket("/sip?wall=1", protocols=("sip",)) as socket:
        assert socket.protocol == "sip"
    for browser, headers, status in (
        (admin, None, 401),
        (world.browser(), None, 401),
        (lead, {"Origin": "https://evil.example"}, 403),
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with browser.socket("/sip?wall=1", headers=headers, protocols=("sip",)):
                pass
        assert refused.value.status == status
