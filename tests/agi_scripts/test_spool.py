"""From the spool folder into the store, once, whatever lies in the folder and whenever we die."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agi_scripts.spool import ABANDONED_SECONDS, Spool
from storage import calls, ring_backs
from storage.drafts import draft
from storage.engine import Store
from storage.spool import take_message
from tests.agi_scripts.process_agi import CALL, run, willing

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    spool = tmp_path / "spool" / "messages"
    spool.mkdir(parents=True)
    return spool


def take(store: Store, folder: Path) -> int:
    return asyncio.run(Spool(store, folder, lambda: NOW).take_all())


def put(folder: Path, name: str = f"{CALL}.json", **changes: Any) -> Path:
    said = {
        "call": CALL,
        "number": "13800138000",
        "dialled": "12345",
        "at": NOW.timestamp(),
        "sound": "",
        "seconds": 0.0,
    }
    path = folder / name
    path.write_text(json.dumps(said | changes))
    return path


def test_what_the_script_left_becomes_a_call_a_call_back_and_a_draft(store: Store, folder: Path) -> None:
    run(folder, willing(folder))
    assert take(store, folder) == 1
    view = store.read_now(lambda conn: calls.call(conn, CALL))
    assert view is not None
    assert (view.end_reason, view.number) == ("message_left", "13800138000")
    assert [owed.reason for owed in store.read_now(ring_backs.open_ring_backs)] == ["message"]
    fields = store.read_now(lambda conn: draft(conn, CALL))
    assert fields is not None
    assert fields["message"] == f"{CALL}.wav"
    assert sorted(path.name for path in (folder / "done").iterdir()) == [f"{CALL}.json", f"{CALL}.wav"]
    assert [path for path in folder.iterdir() if path.is_file()] == []


def test_a_crash_between_the_commit_and_the_move_makes_no_second_one(store: Store, folder: Path) -> None:
    path = put(folder)
    text = path.read_text()
    assert take(store, folder) == 1
    path.write_text(text)  # as if it had not been moved
    assert take(store, folder) == 0
    assert not path.exists()
    assert len(store.read_now(ring_backs.open_ring_backs)) == 1


def test_a_crash_before_the_commit_leaves_everything_where_it_was(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folder)

    def dies(*arguments: Any, **more: Any) -> bool:
        take_message(*arguments, **more)
        raise SystemError

    monkeypatch.setattr("storage.spool.take_message", dies)
    with pytest.raises(SystemError):
        take(store, folder)
    monkeypatch.undo()
    assert path.exists()
    assert take(store, folder) == 1


def test_a_message_that_is_still_being_recorded_is_left_alone(store: Store, folder: Path) -> None:
    put(folder, f"{CALL}.part")
    assert take(store, folder) == 0


def test_a_message_whose_script_was_killed_is_taken_later_with_what_was_said(
    store: Store, folder: Path
) -> None:
    part = put(folder, f"{CALL}.part")
    (folder / f"{CALL}.wav").write_bytes(b"R" * 9_000)
    long_ago = part.stat().st_mtime - ABANDONED_SECONDS - 1
    os.utime(part, (long_ago, long_ago))
    assert take(store, folder) == 1
    fields = store.read_now(lambda conn: draft(conn, CALL))
    assert fields is not None
    assert fields["message"] == f"{CALL}.wav"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"call": 1}',
        '{"call":"a","number":"1","dialled":"","sound":"","seconds":"x","at":0}',
    ],
)
def test_a_file_that_cannot_be_read_is_set_aside_and_stops_nothing(
    store: Store, folder: Path, text: str
) -> None:
    (folder / "0bad.json").write_text(text)
    put(folder)
    assert take(store, folder) == 1
    assert (folder / "bad" / "0bad.json").read_text() == text


@pytest.mark.parametrize("number", ["", "138\r\n", "中文", "1" * 41, '"'])
def test_a_hostile_number_is_no_number(store: Store, folder: Path, number: str) -> None:
    put(folder, number=number)
    assert take(store, folder) == 1
    assert store.read_now(ring_backs.open_ring_backs) == []


def test_no_folder_yet_is_no_error(store: Store, folder: Path) -> None:
    assert take(store, folder / "nothing") == 0
