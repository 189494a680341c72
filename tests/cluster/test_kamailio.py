"""Kamailio before two nodes: calls go to both, around a dead one, and stay where they are."""

from pathlib import Path

import pytest

from tests.cluster.balancer import KAMAILIO, answers, balancer, failed_calls
from tests.cluster.conftest import Pair
from tests.sip import RawCaller, eventually

pytestmark = pytest.mark.skipif(KAMAILIO is None, reason="there is no Kamailio here; `make test` installs it")


async def test_calls_go_to_both_nodes_and_around_a_dead_one_and_stay_where_they_are(
    pair: Pair, tmp_path: Path
) -> None:
    one, two = pair
    async with balancer(tmp_path / "kamailio", [one.server, two.server]) as kamailio:
        assert await failed_calls(kamailio.address, tmp_path / "both", 10) == 0
        taken = [len(node.facts("OFFERED")) for node in pair]
        assert sum(taken) == 10
        assert min(taken) >= 4
        citizens = [await (await pair.citizen(kamailio.address)).dials() for _ in range(2)]
        await eventually(lambda: all(node.channels() for node in pair), otherwise="one node has no call")
        two.kill()
        try:
            assert await failed_calls(kamailio.address, tmp_path / "one", 6, rate=3) == 0
            assert len(one.facts("OFFERED")) == taken[0] + 1 + 6
            # The call that was on the living node is untouched, and its end reaches the node it is on.
            assert len(one.channels()) == 1
            for citizen in citizens:
                if citizen.is_up:
                    await citizen.hangs_up()
            await eventually(lambda: not one.channels(), otherwise="the end of the call was not passed on")
        finally:
            two.start()
            two.heartbeat(0)
        two.forget()

        for attempt in range(6):
            assert await failed_calls(kamailio.address, tmp_path / f"back-{attempt}", 2, seconds=1) == 0
            if two.facts("OFFERED"):
                return
        raise AssertionError("a node that is back gets no calls")


async def test_strangers_hear_nothing_and_carriers_reach_12345_only(pair: Pair, tmp_path: Path) -> None:
    one, two = pair
    async with balancer(tmp_path / "kamailio", [one.server, two.server]) as kamailio:
        assert (await answers(kamailio.address)).startswith("SIP/2.0 200")
        assert await answers(kamailio.address, source="127.0.0.9") == ""
        for dialled in ("13850123456", "s1001", "hotline-line"):
            with RawCaller(("127.0.0.1", kamailio.port)) as carrier:
                assert carrier.calls(b"<sip:13850123456@127.0.0.1>", to=dialled) == 404
        for method in ("REGISTER", "REFER", "SUBSCRIBE", "MESSAGE"):
            with RawCaller(("127.0.0.1", kamailio.port)) as carrier:
                carrier.request(method, b"<sip:13850123456@127.0.0.1>")
                assert carrier.answer()[0] == 405
    assert [node.facts("OFFERED") for node in pair] == [[], []]


async def test_a_carrier_cannot_speak_as_a_node(pair: Pair, tmp_path: Path) -> None:
    """Words between nodes do not come in from outside."""
    one, _ = pair
    async with balancer(tmp_path / "kamailio", [one.server]) as kamailio:
        with RawCaller(("127.0.0.1", kamailio.port)) as carrier:
            extra = "X-Call: hotline2-1.1\r\nX-Term: 99\r\n"
            carrier.request("INVITE", b"<sip:13850123456@127.0.0.1>", extra=extra)
            assert carrier.answer()[0] == 200
            (channel,) = [each for each in one.channels() if each.startswith("PJSIP/trunk-")]
            told = {
                name: one.ami("Getvar", Channel=channel, Variable=f"PJSIP_HEADER(read,{name})").get(
                    "Value", ""
                )
                for name in ("From", "X-Call", "X-Term")
            }
    assert "13850123456" in told["From"]
    assert (told["X-Call"], told["X-Term"]) == ("", "")


async def test_who_floods_is_cut_off_and_nobody_else(pair: Pair, tmp_path: Path) -> None:
    one, _ = pair
    carriers = ("127.0.0.1", "127.0.0.8")
    limits = {"MOST_REQUESTS": "40"}
    async with balancer(tmp_path / "kamailio", [one.server], carriers=carriers, defines=limits) as kamailio:
        for _ in range(120):
            await answers(kamailio.address, source="127.0.0.8", seconds=0.001)
        assert await answers(kamailio.address, source="127.0.0.8") == ""
        assert (await answers(kamailio.address)).startswith("SIP/2.0 200")
