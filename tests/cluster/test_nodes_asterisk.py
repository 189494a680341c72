"""A seat of one node takes a caller of the other; and no node obeys an engine that has been deposed."""

from tests.cluster.conftest import Pair
from tests.sip import RawCaller, RawSeat, eventually


async def test_a_seat_of_another_node_is_rung_talks_and_ends_the_call(pair: Pair) -> None:
    one, two = pair
    seat = await pair.seat("hotline2")
    citizen = await (await pair.citizen(one.server)).dials()
    one.redirect(await pair.one_waits("hotline1"), "hotline-seat", "s1001-0-hotline2")
    await seat.answers()
    await eventually(lambda: seat.is_up and citizen.is_up)
    call = one.facts("OFFERED")[0].call
    assert call.startswith("hotline1-")
    assert [fact.detail["seat"] for fact in one.facts("RINGING")] == ["s1001"]
    await seat.hangs_up()
    await eventually(lambda: one.facts("TALKED"), otherwise=f"{one.kinds()}")
    assert [fact.kind for fact in two.facts()] == []


async def test_the_seats_telephone_is_told_which_call_of_which_node_it_is(pair: Pair) -> None:
    one, two = pair
    with RawSeat((two.settings.sip_host, two.settings.sip_port)) as seat:
        two.let_in("s1013", "hotline-seats", auth="")
        seat.registers("s1013")
        await (await pair.citizen(one.server)).dials()
        one.redirect(await pair.one_waits("hotline1"), "hotline-seat", "s1013-0-hotline2")
        headers = await seat.is_called()
    assert headers["X-Call"] == one.facts("OFFERED")[0].call
    assert headers["X-Caller"] == "13850123456"
    assert "X-Term" not in headers


async def test_who_hangs_up_in_a_talk_between_nodes_frees_the_seat(pair: Pair) -> None:
    one, two = pair
    seat = await pair.seat("hotline2")
    citizen = await (await pair.citizen(one.server)).dials()
    one.redirect(await pair.one_waits("hotline1"), "hotline-seat", "s1001-0-hotline2")
    await seat.answers()
    await citizen.hangs_up()
    await seat.is_hung_up()
    await eventually(lambda: not two.channels())


async def test_a_seat_that_refuses_gives_the_caller_back_to_his_own_nodes_line(pair: Pair) -> None:
    one, _ = pair
    seat = await pair.seat("hotline2")
    await (await pair.citizen(one.server)).dials()
    one.redirect(await pair.one_waits("hotline1"), "hotline-seat", "s1001-0-hotline2")
    await seat.refuses()
    (said,) = await eventually(lambda: one.facts("UNANSWERED"))
    assert said.detail == {"seat": "s1001", "status": "BUSY"}
    await pair.one_waits("hotline1")


async def test_a_seat_that_is_not_registered_there_is_unreachable(pair: Pair) -> None:
    one, _ = pair
    await (await pair.citizen(one.server)).dials()
    one.redirect(await pair.one_waits("hotline1"), "hotline-seat", "s1009-0-hotline2")
    (said,) = await eventually(lambda: one.facts("UNANSWERED"))
    assert said.detail == {"seat": "s1009", "status": "CONGESTION"}
    await pair.one_waits("hotline1")


async def test_from_another_node_nothing_but_a_seat_or_a_supervisors_telephone_can_be_dialled(
    pair: Pair,
) -> None:
    one, two = pair
    # Whoever has the other node's address is that node.
    for dialled in ("12345", "13850123456", "hotline-line", "s"):
        with RawCaller((two.settings.sip_host, two.settings.sip_port), source=one.settings.sip_host) as node:
            node.request("INVITE", b"<sip:node@hotline1>", to=dialled)
            assert node.answer()[0] == 404


async def test_a_deposed_engine_moves_nobody_to_a_seat(pair: Pair) -> None:
    one, _ = pair
    one.ami("Setvar", Variable="HOTLINE_TERM", Value="8")
    seat = await pair.seat("hotline1")
    await (await pair.citizen(one.server)).dials()
    one.redirect(await pair.one_waits("hotline1"), "hotline-seat", "s1001-7")
    (said,) = await eventually(lambda: one.facts("DEPOSED"))
    assert said.detail == {"seat": "s1001", "term": "7"}
    channel = await pair.one_waits("hotline1")
    assert one.facts("RINGING") == []
    one.redirect(channel, "hotline-seat", "s1001-8")
    await seat.answers()


async def test_a_seat_is_not_rung_for_a_node_that_still_obeys_a_deposed_engine(pair: Pair) -> None:
    one, two = pair
    two.ami("Setvar", Variable="HOTLINE_TERM", Value="8")
    await pair.seat("hotline2")
    await (await pair.citizen(one.server)).dials()
    one.redirect(await pair.one_waits("hotline1"), "hotline-seat", "s1001-7-hotline2")
    (said,) = await eventually(lambda: one.facts("UNANSWERED"))
    assert said.detail == {"seat": "s1001", "status": "CONGESTION"}
    assert not [row for row in two.cel() if row["channame"].startswith("PJSIP/s1001")]
