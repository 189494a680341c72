"""Actions over the AMI link: refused line breaks, one sending, one answer, nothing left behind."""

import asyncio

import pytest
from panoramisk.message import Message

from agi_scripts import ami as ami_module
from agi_scripts.ami import LINK_DOWN, LINK_UP, Refused
from agi_scripts.ami_lines import AMIDown, checked
from tests.agi_scripts.agi_world import until
from tests.agi_scripts.ami_world import Action, fake_ami, held, link_to, message, next_event, ok


@pytest.mark.parametrize("name", ["UserEvent", "Na\r\nme"])
def test_a_line_break_in_any_header_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        checked({"Action": "UserEvent", name: "b\r\n\r\nAction: Originate"})


def test_a_line_break_in_one_of_many_values_is_refused() -> None:
    with pytest.raises(ValueError, match="control character"):
        checked({"Action": "Originate", "Variable": ["A=1", "B=2\nAction: x"]})


async def test_an_injected_action_never_reaches_asterisk() -> None:
    async with fake_ami() as ami, held(link_to(ami.port)) as link:
        with pytest.raises(ValueError, match="control character"):
            await link.ask(
                {"Action": "QueuePause", "Reason": "茶\r\n\r\nAction: Command\r\nCommand: core stop now"}
            )
        await link.ask({"Action": "QueuePause", "Reason": "喝茶"})
        assert ami.sent("Command") == []
        assert ami.sent("QueuePause")[0]["Reason"] == "喝茶"


async def test_queue_add_resolves_with_its_first_answer() -> None:
    def added(action: Action) -> str:
        return (
            message(action, Response="Success", Message="Added interface to queue")
            if _is(action, "QueueAdd")
            else ok(action)
        )

    async with fake_ami() as ami:
        ami.answer = added
        async with held(link_to(ami.port)) as link:
            response = await link.ask(
                {"Action": "QueueAdd", "Queue": "hotline", "Interface": "PJSIP/s1001"}, timeout=2
            )
    assert (response.ok, response.message) == (True, "Added interface to queue")


async def test_originate_is_always_asynchronous_and_resolves_when_queued() -> None:
    def queued(action: Action) -> str:
        said = "Originate successfully queued" if _is(action, "Originate") else "fine"
        return (
            message(action, Response="Success", Message=said) if not _is(action, "CoreStatus") else ok(action)
        )

    async with fake_ami() as ami:
        ami.answer = queued
        async with held(link_to(ami.port)) as link:
            assert (await link.ask({"Action": "Originate", "Channel": "PJSIP/s1001"}, timeout=2)).ok
        assert ami.sent("Originate")[0]["Async"] == "true"


async def test_a_refused_action_is_an_answer_and_not_a_wait() -> None:
    def refused(action: Action) -> str:
        return (
            message(action, Response="Error", Message="No such channel")
            if _is(action, "Redirect")
            else ok(action)
        )

    async with fake_ami() as ami:
        ami.answer = refused
        async with held(link_to(ami.port)) as link:
            response = await link.ask({"Action": "Redirect", "Channel": "x"}, timeout=2)
    assert (response.ok, response.message) == (False, "No such channel")


async def test_a_list_is_collected_to_its_end_and_keeps_out_of_the_inbox() -> None:
    def listed(action: Action) -> str:
        if not _is(action, "QueueStatus"):
            return ok(action)
        return (
            message(action, Response="Success", EventList="start", Message="Queue status will follow")
            + message(action, Event="QueueMember", Name="张三")
            + "Event: QueueCallerJoin\r\nUniqueid: 1.0\r\n\r\n"
            + message(action, Event="QueueEntry", Uniqueid="hotline1-1.0")
            + message(action, Event="QueueStatusComplete", EventList="Complete", ListItems="2")
        )

    async with fake_ami() as ami:
        ami.answer = listed
        async with held(link_to(ami.port)) as link:
            events = await link.collect({"Action": "QueueStatus"})
            assert [event["Event"] for event in events] == ["QueueMember", "QueueEntry"]
            assert (await next_event(link, "QueueCallerJoin"))["Uniqueid"] == "1.0"
            assert link.inbox.empty()


async def test_a_list_that_is_refused_says_so_at_once() -> None:
    def refused(action: Action) -> str:
        return (
            message(action, Response="Error", Message="Permission denied")
            if _is(action, "Status")
            else ok(action)
        )

    async with fake_ami() as ami:
        ami.answer = refused
        async with held(link_to(ami.port)) as link:
            with pytest.raises(Refused, match="Permission denied"):
                await link.collect({"Action": "Status"}, timeout=5)


async def test_a_list_cut_in_the_middle_is_no_list() -> None:
    def half(action: Action) -> str:
        if not _is(action, "Status"):
            return ok(action)
        return message(action, Response="Success", EventList="start") + message(action, Event="Status")

    async with fake_ami() as ami:
        ami.answer = half
        async with held(link_to(ami.port)) as link:
            listing = asyncio.create_task(link.collect({"Action": "Status"}))
            await until(lambda: ami.sent("Status"))
            await asyncio.sleep(0.05)
            ami.cut()
            with pytest.raises(AMIDown):
                await listing


async def test_an_action_cut_off_before_its_answer_fails_and_is_never_sent_again() -> None:
    def silent(action: Action) -> str | None:
        return None if _is(action, "Originate") else ok(action)

    async with fake_ami() as ami:
        ami.answer = silent
        async with held(link_to(ami.port)) as link:
            call = asyncio.create_task(link.ask({"Action": "Originate", "Channel": "PJSIP/s1001"}))
            await until(lambda: ami.sent("Originate"))
            ami.cut()
            with pytest.raises(AMIDown) as down:
                await call
            assert down.value.sent
            await until(lambda: ami.connections == 2 and link.ready.is_set())
            await link.ask({"Action": "Ping"})
        assert len(ami.sent("Originate")) == 1


async def test_without_a_link_an_action_is_refused_unsent() -> None:
    link = link_to(1)
    with pytest.raises(AMIDown) as down:
        await link.ask({"Action": "Ping"})
    assert not down.value.sent


async def test_actions_nobody_answered_leave_nothing_behind() -> None:
    def silent(action: Action) -> str | None:
        return None if _is(action, "DBGet") else ok(action)

    async with fake_ami() as ami:
        ami.answer = silent
        async with held(link_to(ami.port)) as link:
            for _ in range(30):
                with pytest.raises(TimeoutError):
                    await link.ask({"Action": "DBGet"}, timeout=0.002)
            await link.ask({"Action": "Status"})
            left = [action["action"] for action in link.protocol.responses.values()]
    assert "DBGet" not in left


async def test_being_cancelled_together_with_the_answer_is_still_being_cancelled() -> None:
    def silent(action: Action) -> str | None:
        return None if _is(action, "DBGet") else ok(action)

    async with fake_ami() as ami:
        ami.answer = silent
        async with held(link_to(ami.port)) as link:
            asking = asyncio.create_task(link.ask({"Action": "DBGet"}))
            await until(lambda: ami.sent("DBGet"))
            (waits,) = [a for a in link.protocol.responses.values() if a["action"] == "DBGet"]
            waits.future.set_result(Message({"Response": "Success"}))
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking


async def test_a_late_answer_is_not_taken_for_another() -> None:
    kept: list[Action] = []

    def late(action: Action) -> str | None:
        if _is(action, "DBGet"):
            kept.append(action)
            return None
        if _is(action, "Setvar"):
            return message(kept[0], Response="Error", Message="late") + ok(action)
        return ok(action)

    async with fake_ami() as ami:
        ami.answer = late
        async with held(link_to(ami.port)) as link:
            with pytest.raises(TimeoutError):
                await link.ask({"Action": "DBGet"}, timeout=0.05)
            assert (await link.ask({"Action": "Setvar"})).message == "fine"


async def test_a_hundred_actions_at_once_get_their_own_answers() -> None:
    def echo(action: Action) -> str:
        return (
            ok(action)
            if _is(action, "CoreStatus")
            else message(action, Response="Success", Message=action.get("Value", ""))
        )

    async with fake_ami() as ami:
        ami.answer = echo
        async with held(link_to(ami.port)) as link:
            answers = await asyncio.gather(
                *(link.ask({"Action": "Setvar", "Value": str(n)}) for n in range(100))
            )
    assert [answer.message for answer in answers] == [str(n) for n in range(100)]


def _is(action: Action, name: str) -> bool:
    return action["Action"] == name


async def test_an_asterisk_that_only_waits_for_its_last_call_to_end_counts_as_down_until_it_is_told_to_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ami_module, "PING_SECONDS", 0.02)
    closing = False

    def answer(action: Action) -> str:
        if closing:
            return message(action, Response="Error", Message="Asterisk is shutting down")
        return ok(action)

    async with fake_ami() as ami:
        ami.answer = answer
        async with held(link_to(ami.port)) as link:
            await next_event(link, LINK_UP)
            closing = True
            await next_event(link, LINK_DOWN)
            assert not link.ready.is_set()
            ami.say(b"Event: Hangup\r\nUniqueid: 1\r\n\r\n")
            assert (await next_event(link, "Hangup"))["Uniqueid"] == "1", "what goes on is heard all the same"
            closing = False
            await next_event(link, LINK_UP)
            assert (link.ready.is_set(), link.trouble, ami.connections) == (True, "", 1)
