"""Finished recordings are hashed once; a talked call without one is flagged, and said aloud."""

import asyncio
import hashlib
import logging
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agi_scripts.recordings import Recordings
from storage import calls, recordings, records
from storage.engine import Store
from tests.storage.call_lines import CEL, Exchange, position

LATER = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
def call(store: Store) -> str:
    exchange = Exchange()
    id_ = exchange.call("completed")
    rows, place = position(exchange.cel)
    store.write_now(lambda conn: records.ingest(conn, CEL, rows, place))
    return id_


def ended_at(store: Store, call: str) -> datetime:
    view = store.read_now(lambda conn: calls.call(conn, call))
    assert view is not None
    assert view.ended_at is not None
    return view.ended_at


def hash_all(store: Store, folder: Path, at: datetime) -> int:
    return asyncio.run(Recordings(store, folder, lambda: at).hash_all())


def record(folder: Path, call: str, seconds: float = 2.0) -> Path:
    path = folder / "20261122" / f"{call}.wav"
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\x01\x02" * int(8_000 * seconds))
    return path


def still_due(store: Store) -> list[str]:
    return [due.call for due in store.read_now(lambda conn: recordings.recordings_due(conn, before=LATER))]


def test_a_finished_recording_is_kept_with_its_hash(store: Store, tmp_path: Path, call: str) -> None:
    path = record(tmp_path, call)
    assert hash_all(store, tmp_path, LATER) == 1
    row = store.read_now(lambda conn: conn.execute(recordings.RECORDING.select()).one())
    assert row.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row.path, row.seconds, row.size) == (f"20261122/{call}.wav", 2.0, path.stat().st_size)
    assert hash_all(store, tmp_path, LATER) == 0


def test_a_file_is_not_hashed_while_it_is_being_finished(store: Store, tmp_path: Path, call: str) -> None:
    record(tmp_path, call)
    assert hash_all(store, tmp_path, ended_at(store, call) + timedelta(seconds=1)) == 0


def test_a_talked_call_without_a_recording_is_flagged_once_and_said(
    store: Store, tmp_path: Path, call: str, caplog: pytest.LogCaptureFixture
) -> None:
    hash_all(store, tmp_path, ended_at(store, call) + timedelta(seconds=30))
    assert still_due(store) == [call], "it may still come"
    with caplog.at_level(logging.ERROR):
        hash_all(store, tmp_path, LATER)
        hash_all(store, tmp_path, LATER)
    assert [entry.getMessage() for entry in caplog.records] == [f"{call} was talked in and has no recording"]
    assert still_due(store) == []


def test_a_file_that_stays_empty_was_no_recording_and_nobody_waits_a_minute_for_it(
    store: Store, tmp_path: Path, call: str
) -> None:
    record(tmp_path, call).write_bytes(b"")
    hash_all(store, tmp_path, ended_at(store, call) + timedelta(seconds=5))
    assert still_due(store) == [call], "it may still be written"
    hash_all(store, tmp_path, ended_at(store, call) + timedelta(seconds=11))
    assert still_due(store) == []
    assert store.read_now(recordings.missing) == 1


def test_what_is_no_sound_file_is_hashed_all_the_same(store: Store, tmp_path: Path, call: str) -> None:
    record(tmp_path, call).write_bytes(b"no wave")
    assert hash_all(store, tmp_path, LATER) == 1
