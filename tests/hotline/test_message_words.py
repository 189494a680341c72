"""Messages are written down as they come in; one that cannot be heard waits, and harms nothing."""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from hotline.message_words import MessageWords
from ivr.speech.transcriber import Heard, NotHeard, Transcriber
from storage import spool, transcripts
from storage.engine import Store
from storage.spool import SpooledMessage
from tests.town import free_port

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CALL = "hotline1-1795310020.0"


class Speech:
    """Hears what it is told to hear; without that it is away."""

    def __init__(self, *heard: Heard) -> None:
        self.heard = heard
        self.asked: list[Path] = []

    async def __call__(self, sound: Path) -> list[Heard]:
        self.asked.append(sound)
        if not self.heard:
            raise NotHeard("ClientConnectorError")
        return [*self.heard]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "a.wav").write_bytes(b"sound")
    return tmp_path


def words(store: Store, folder: Path, speech: Speech, at: datetime = NOW) -> MessageWords:
    return MessageWords(store=store, folder=folder, there=lambda: True, transcribe=speech, now=lambda: at)


async def leave(store: Store, sound: str = "a.wav") -> None:
    message = SpooledMessage(f"{CALL}.json", CALL, "13800138000", "12345", sound, 8.0, NOW)
    await store.write(partial(spool.take_message, message=message, at=NOW))


async def read(store: Store) -> str:
    found = await store.read(lambda conn: transcripts.words_of_messages(conn, [CALL]))
    return found.get(CALL, "")


async def test_a_message_is_written_down_once_in_the_order_it_was_said(store: Store, folder: Path) -> None:
    await leave(store)
    speech = Speech(Heard("路灯坏了", 0.4, 1.0, 0.9), Heard("请来修", 2.0, 0.8, 0.8))
    asking = words(store, folder, speech)
    assert await asking.take_all() == 1
    assert await asking.take_all() == 0
    assert speech.asked == [folder / "done" / "a.wav"]
    assert await read(store) == "路灯坏了，请来修"
    lines = await store.read(lambda conn: transcripts.of_call(conn, CALL))
    assert [round((one.at - NOW).total_seconds(), 1) for one in lines] == [0.4, 2.0]


async def test_without_a_speech_service_it_waits_and_is_heard_later(store: Store, folder: Path) -> None:
    await leave(store)
    assert await words(store, folder, Speech()).take_all() == 0
    speech = Speech(Heard("路灯坏了", 0.4, 1.0, 0.9))
    assert await words(store, folder, speech).take_all() == 0
    assert await words(store, folder, speech, NOW + timedelta(minutes=2)).take_all() == 1
    assert await read(store) == "路灯坏了"


async def test_a_name_leads_nowhere_but_into_the_spool(store: Store, folder: Path) -> None:
    await leave(store, "../../etc/a.wav")
    speech = Speech(Heard("路灯坏了", 0.4, 1.0, 0.9))
    await words(store, folder, speech).take_all()
    assert speech.asked == [folder / "done" / "a.wav"]


async def test_a_service_that_is_not_there_is_said_at_once(folder: Path) -> None:
    with pytest.raises(NotHeard):
        await Transcriber(free_port())(folder / "done" / "a.wav")


async def test_a_sound_that_is_gone_is_no_other_trouble(folder: Path) -> None:
    with pytest.raises(NotHeard, match="FileNotFoundError"):
        await Transcriber(free_port())(folder / "missing.wav")
