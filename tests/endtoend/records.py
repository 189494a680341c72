"""What a town knows of its calls: the database, the files Asterisk writes, and Asterisk itself."""

from typing import Any

from sqlalchemy import Connection

from cases.call_facts import read_cel
from tests.plain_rows import clear
from tests.sip import eventually
from tests.town import Town


def calls_of(town: Town, number: str) -> list[dict[str, Any]]:
    """Return the records of this caller, newest first, with segments, recording and ring-back."""
    store = town.store()
    try:
        return store.read_now(lambda conn: _calls(conn, number))
    finally:
        store.close()


def _calls(conn: Connection, number: str) -> list[dict[str, Any]]:
    asked = clear("select * from call where number = :n order by offered_at desc")
    return [_whole(conn, dict(row)) for row in conn.execute(asked, {"n": number}).mappings()]


def _whole(conn: Connection, call: dict[str, Any]) -> dict[str, Any]:
    def rows(table: str) -> list[dict[str, Any]]:
        query = clear(f"select * from {table} where call = :c")
        return [dict(row) for row in conn.execute(query, {"c": call["id"]}).mappings()]

    segments = sorted(rows("call_segment"), key=lambda segment: segment["no"])
    return call | {
        # What the citizen lived through: the seat goes on working when he has gone.
        "kinds": [segment["kind"] for segment in segments if segment["kind"] != "wrap_up"],
        "wrap_ups": [segment["seat"] for segment in segments if segment["kind"] == "wrap_up"],
        "segments": segments,
        "sound": next(iter(rows("recording")), None),
        "owed": rows("ring_back"),
    }


def attempts(town: Town, number: str) -> list[dict[str, Any]]:
    """Return our attempts to ring this number, the first first."""
    return _rows(town, "select * from ring_back_attempt where number = :n order by at", number)


def debts(town: Town, number: str) -> list[dict[str, Any]]:
    """Return the calls that are or were owed to this number."""
    return _rows(town, "select * from ring_back where number = :n order by asked_at", number)


def _rows(town: Town, query: str, number: str) -> list[dict[str, Any]]:
    store = town.store()
    try:
        return store.read_now(
            lambda conn: [dict(row) for row in conn.execute(clear(query), {"n": number}).mappings()]
        )
    finally:
        store.close()


def last_call(town: Town, number: str) -> dict[str, Any]:
    return next(iter(calls_of(town, number)), {})


async def ended(town: Town, number: str, *, calls: int = 1) -> dict[str, Any]:
    """Wait until this caller has so many records, all closed; return the newest."""

    def closed() -> dict[str, Any] | None:
        found = calls_of(town, number)
        return found[0] if len(found) == calls and all(call["ended_at"] for call in found) else None

    found = await eventually(closed, 20, f"no {calls} closed records of {number}: {calls_of(town, number)}")
    assert found is not None
    return found


def said(town: Town, number: str) -> list[str]:
    """Return every sound this caller was played by a script, in order, from the file Asterisk writes."""
    calls = {call["id"] for call in calls_of(town, number)}
    written = (town.state / "log" / "cel-custom" / "cel.json").read_text(encoding="utf-8")
    facts = [read_cel(line) for line in written.split("\n")[:-1]]
    played = [
        dict(fact.detail).get("said", "")
        for fact in facts
        if fact.kind == "HOTLINE_MENU" and fact.call in calls
    ]
    return " ".join(played).split()


async def hears(town: Town, number: str, sound: str, seconds: float = 40) -> None:
    """Wait for the fact that this caller was played the sound; it is written when the prompt is over."""
    await eventually(
        lambda: sound in said(town, number), seconds, f"{number} never heard {sound}: {said(town, number)}"
    )


async def is_in(town: Town, number: str, application: str) -> None:
    """Wait until this caller's channel runs the dialplan application."""

    def runs() -> bool:
        channels = [line.split("!") for line in town.cli("core show channels concise").splitlines()]
        return any(number in parts and parts[5] == application for parts in channels if len(parts) > 7)

    await eventually(runs, 20, f"{number} did not come to {application}")
