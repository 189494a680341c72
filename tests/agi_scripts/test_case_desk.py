"""★2: what a caller does by himself, from AGI's header to the store: urged once, and no spoken word lost."""

import hashlib
import wave
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agi_scripts.parts import Parts
from agi_scripts.server import scripts
from agi_scripts.spool import Spool
from cases.workflow import State
from ivr.menu import Profile
from ivr.menu_file import shipped
from storage import recordings
from storage.engine import Store
from storage.ring_backs import open_ring_backs
from tests.agi_scripts.agi_world import GONE, Heard, Replies, session, table
from tests.agi_scripts.test_incoming import parts_of
from tests.agi_scripts.test_scripts import DONE, DeadStore, keyed, routed, said
from tests.makers import later
from tests.storage import walks
from tests.storage.walks import kinds, view

CALL = "hotline1-1795308607.0"
SILENCE_AFTER = "200 result=0"


def press(*keys: str) -> dict[str, str | list[str]]:
    return {"WAIT FOR DIGIT": [*(f"200 result={ord(key)}" for key in keys), SILENCE_AFTER]}


@pytest.fixture
def parts(store: Store, tmp_path: Path) -> Parts:
    return at_work(store, tmp_path)


def at_work(store: Store, folder: Path, **changes: Any) -> Parts:
    places = {"spool": folder / "spool", "recordings": folder / "recordings"}
    for place in places.values():
        place.mkdir(exist_ok=True)
    return parts_of(store, now=lambda: later(days=2), **places, **changes)


def records(
    seconds: float, more: Mapping[str, str | list[str]], then: str = "200 result=35 (dtmf) endpos=8000"
) -> Replies:
    """Answer like Asterisk, which writes the sound it is told to record."""
    others = table({"RECORD FILE": then, **more})

    def reply(command: str) -> str | None:
        if command.startswith("RECORD FILE"):
            path = command.split('"')[1]
            with wave.open(f"{path}.wav", "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(8000)
                sound.writeframes(b"\1\0" * int(8000 * seconds))
        return others(command)

    return reply


async def incoming(parts: Parts, replies: Replies) -> Heard:
    return await session(scripts(parts)["incoming"], replies)


def left(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir() if path.is_file())


async def test_s2_a_known_caller_is_greeted_and_urges_by_key_once_a_day(store: Store, parts: Parts) -> None:
    no = walks.handling(store)
    heard = await incoming(parts, table(press("1")))
    assert said(heard)[:2] == ["welcome", "open-case"]
    assert "urged" in said(heard)
    assert routed(heard) == "line"
    assert "citizen.urged" in kinds(store, no)
    again = await session(scripts(parts)["incoming"], table(press("1")), agi_uniqueid="hotline1-2.0")
    assert "urged-today" in said(again)
    assert kinds(store, no).count("citizen.urged") == 1


async def test_s2_whom_a_seat_takes_at_once_is_put_through_and_not_greeted(
    store: Store, tmp_path: Path
) -> None:
    walks.handling(store)
    heard = await incoming(at_work(store, tmp_path, free=lambda: True), table(press("1")))
    assert (said(heard), routed(heard)) == (["welcome"], "line")


async def test_s2_who_is_greeted_keeps_the_place_he_would_have_had(store: Store, parts: Parts) -> None:
    walks.handling(store)
    heard = await incoming(parts, table({}))
    assert heard.of('SET VARIABLE "HOTLINE_SINCE"') == [f'"{later(days=2).timestamp():.3f}"']
    assert heard.of('SET VARIABLE "HOTLINE_TELL"') == ['"1"']


async def test_s2_before_a_menu_he_is_greeted_whoever_is_free(store: Store, tmp_path: Path) -> None:
    walks.handling(store)
    menus = partial(shipped, Profile.MENU_FIRST)
    parts = at_work(store, tmp_path, free=lambda: True, menus=menus)
    heard = await incoming(parts, table({}))
    assert "open-case" in said(heard)
    assert heard.of('SET VARIABLE "HOTLINE_SINCE"') == []


async def test_s2_what_he_adds_is_kept_with_its_hash_and_leaves_the_spool(store: Store, parts: Parts) -> None:
    no = walks.handling(store)
    heard = await incoming(parts, records(2.5, press("2")))
    assert "added" in said(heard)
    (kept,) = store.read_now(lambda conn: recordings.of_call(conn, CALL))
    assert parts.recordings is not None
    sound = (parts.recordings / kept.path).read_bytes()
    assert (kept.sha256, kept.seconds) == (hashlib.sha256(sound).hexdigest(), 2.5)
    assert kept.path.startswith("notes/20261125/")
    assert view(store, no).supplements[0].fields["call"] == CALL
    assert parts.spool is not None
    assert left(parts.spool) == []


async def test_s2_who_hangs_up_while_he_speaks_is_heard_all_the_same(store: Store, parts: Parts) -> None:
    no = walks.handling(store)
    gone = {'STREAM FILE "hotline/added"': GONE, **press("2")}
    heard = await incoming(parts, records(3, gone, "200 result=-1 (hangup) endpos=24000\nHANGUP"))
    assert DONE not in heard.commands
    assert len(view(store, no).supplements) == 1


async def test_s2_nothing_said_leaves_nothing(store: Store, parts: Parts) -> None:
    no = walks.handling(store)
    heard = await incoming(parts, records(0.05, press("2")))
    assert "add-nothing" in said(heard)
    assert view(store, no).supplements == []
    assert parts.spool is not None
    assert left(parts.spool) == []


async def test_s2_without_the_store_what_he_said_waits_as_a_message_for_a_person(
    store: Store, tmp_path: Path
) -> None:
    """The database goes away between the greeting and the word of the caller."""
    walks.handling(store)

    class Going(DeadStore):
        read = store.read

    parts = at_work(Going(), tmp_path)
    heard = await incoming(parts, records(4, press("2")))
    assert routed(heard) == "line"
    assert "to-person" in said(heard)
    assert parts.spool is not None
    assert left(parts.spool) == [".json", ".wav"]
    spool = Spool(store, parts.spool, now=lambda: later(days=2, minutes=1))
    assert await spool.take_all() == 1
    (owed,) = store.read_now(open_ring_backs)
    assert (owed.call, owed.number) == (CALL, "13850123456")


async def test_s2_killed_while_he_speaks_his_words_become_a_message(
    store: Store, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the files of that moment is left."""
    walks.handling(store)
    monkeypatch.setattr("agi_scripts.voice_note._put_by", lambda *_: None)
    await incoming(parts, records(4, press("2")))
    assert parts.spool is not None
    assert left(parts.spool) == [".part", ".wav"]
    monkeypatch.setattr("agi_scripts.spool.ABANDONED_SECONDS", -1)
    assert await Spool(store, parts.spool, now=lambda: later(days=2)).take_all() == 1
    (owed,) = store.read_now(open_ring_backs)
    assert owed.number == "13850123456"


async def test_s1_a_case_is_judged_by_keys_and_closed(store: Store, parts: Parts) -> None:
    no = walks.in_callback(store)
    digits, code = walks.view(store, no).digits, walks.code_for(store, no)
    keys = keyed(digits, code)
    keys["WAIT FOR DIGIT"] = [*keys["WAIT FOR DIGIT"][:2], *press("1", "1")["WAIT FOR DIGIT"]]
    reply = {'STREAM FILE "live/': ["200 result=51 endpos=80"], **keys}
    heard = await session(scripts(parts)["status"], table(reply))
    assert "thanks" in said(heard)
    assert view(store, no).state is State.CLOSED
    (line,) = view(store, no).callbacks
    assert (line.fields["solved"], line.fields["satisfied"]) == ("full", "满意")


async def test_the_words_and_the_number_of_the_case_are_in_no_fact_of_the_call(
    store: Store, parts: Parts
) -> None:
    no = walks.handling(store)
    heard = await incoming(parts, records(2, press("2")))
    assert no not in "".join(heard.facts())
    assert "notes/" not in "".join(heard.facts())
