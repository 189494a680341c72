"""The button 暂停录音: shown as paused when the exchange has done it, and nothing that is said meanwhile is kept."""

import asyncio
from datetime import timedelta

from cases.transcripts import Party, Said
from console.transcripts import TRANSCRIPTS, Word
from storage import history
from tests.console.world import World, hear

CALL = "hotline1-1795400000.1"


def talk(world: World) -> None:
    world.engine.caller_joined(CALL, "PJSIP/trunk-1", "13850123456", world.clock())
    world.engine.seat_offered(CALL, "s1001", world.clock())
    world.engine.seat_answered(CALL, "s1001", "PJSIP/s1001-1", world.clock())


async def test_the_desk_shows_a_pause_when_it_is_true_and_the_history_says_whose_it_was(world: World) -> None:
    agent = await world.signed_in("1001")
    async with agent.socket("/live/desk") as socket:
        await hear(socket, "desk")
        await socket.send_json({"do": "mute_recording", "on": True})
        refused = await hear(socket, "notice")
        assert "没有正在录音的通话" in refused["text"]
        talk(world)
        await socket.send_json({"do": "mute_recording", "on": True})
        until = int((world.clock() + timedelta(seconds=60)).timestamp() * 1000)
        await hear(socket, "desk", recording={"paused_until": until})
        for _ in range(500):  # the desk is told first
            if facts := await world.store.read(lambda conn: history.of(conn, CALL)):
                break
            await asyncio.sleep(0.02)
        assert [(fact.kind, fact.actor) for fact in facts] == [("recording.paused", "1001")]
        assert ("mute_recording", CALL, "on") in world.switch.asked
        await socket.send_json({"do": "mute_recording", "on": False})
        await hear(socket, "notice", text="已恢复录音。")
        assert ("mute_recording", CALL, "off") in world.switch.asked


async def test_nothing_that_is_said_in_a_pause_is_written_down(world: World) -> None:
    talk(world)
    began = world.clock()
    await world.engine.unrecorded.begin("s1001", began, by="1001")
    drafts = world.app[TRANSCRIPTS]
    half = Word(CALL, Party.CITIZEN, "三五零一")
    whole = Said(Party.CITIZEN, began + timedelta(seconds=2), 4.0, "三五零一零二", 0.9)
    before = Said(Party.CITIZEN, began - timedelta(seconds=9), 2.0, "我的路灯坏了", 0.9)
    for word in (
        half,
        Word(CALL, Party.CITIZEN, whole.text, whole),
        Word(CALL, Party.CITIZEN, before.text, before),
    ):
        assert drafts.hear(word, "s1001")
    draft = drafts.of(CALL)
    assert draft is not None
    assert [line.text for line in draft.lines] == ["我的路灯坏了"]
    assert draft.partial == {Party.CITIZEN: ""}
