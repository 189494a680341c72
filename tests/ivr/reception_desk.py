"""What a reception does beyond speaking, by hand; and the values such tests begin with."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases.nuisance import Grade, Reason
from ivr.admission import Arriving, Lane, Load, Pace, Reception, Why
from ivr.route import Route
from storage.events import Event
from storage.nuisance import Restriction
from storage.number_models import Heard, RestrictionState
from storage.phone_service import OpenCase
from storage.reception import NOTHING, Known
from tests.fakes import FakeCall

MORNING = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)


class PatientCall(FakeCall):
    """A caller who listens to the greeting; the first key comes at whatever is said or asked after it."""

    async def say(self, sounds: Sequence[str], keys: str = "") -> str:
        return await super().say(sounds, "" if "welcome" in sounds else keys)


class FakeTools:
    """An `ivr.welcome.Tools`: a text sounds as `live/<text>`; a broken one keeps nothing and speaks nothing."""

    def __init__(self, *, broken: bool = False) -> None:
        self.owed: list[tuple[str, Why]] = []
        self.held = 0
        self.joined: list[tuple[int, str]] = []
        self.noted: list[tuple[int, Heard]] = []
        self.greeted: list[OpenCase] = []
        self.chosen: Route | None = None
        self._broken = broken

    async def speak(self, text: str, sound: str | None = None) -> list[str]:
        return [] if self._broken else [f"live/{sound or text}"]

    async def owe(self, number: str, why: Why) -> bool:
        self.owed.append((number, why))
        return not self._broken

    async def hold(self) -> None:
        self.held += 1

    async def join(self, event: int, number: str) -> bool:
        if not self._broken:
            self.joined.append((event, number))
        return not self._broken

    async def heard(self, event: int, what: Heard) -> None:
        self.noted.append((event, what))

    async def greet(self, case: OpenCase) -> Route | None:
        self.greeted.append(case)
        return self.chosen


def an_event(**changes: Any) -> Event:
    fields: dict[str, Any] = {
        "id": 7,
        "name": "榕东区停水",
        "area": "榕东区",
        "announcement": "榕东区因抢修停水,预计18时恢复。",
        "sound": None,
        "banner": "榕东区停水",
        "case": None,
        "opened_by": "lead",
        "opened_at": MORNING,
        "expires_at": MORNING + timedelta(hours=4),
        "closed_by": None,
        "closed_at": None,
    }
    return Event(**fields | changes)


def a_restriction(grade: Grade, **changes: Any) -> Restriction:
    fields: dict[str, Any] = {
        "id": 1,
        "number": "13812345678",
        "grade": grade,
        "reason": Reason.SILENT,
        "note": "无声电话",
        "calls": (),
        "days": 7,
        "state": RestrictionState.IN_FORCE,
        "proposed_by": "1001",
        "proposed_at": MORNING,
        "approved_by": "lead",
        "approved_at": MORNING,
        "confirmed_by": "boss",
        "confirmed_at": MORNING,
        "expires_at": MORNING + timedelta(days=7),
        "ended_by": None,
        "ended_at": None,
        "ended_why": "",
    }
    return Restriction(**fields | changes)


def a_reception(lane: Lane = Lane.ORDINARY, known: Known = NOTHING, **changes: Any) -> Reception:
    fields: dict[str, Any] = {"lane": lane, "why": Why.NONE, "known": known, "may_hold": True, "wish": ""}
    return Reception(**fields | changes)


def arriving(*, calls: int = 0, waiting: int = 0, number: int = 1, prefix: int = 1) -> Arriving:
    return Arriving("12345", Load(calls, waiting), Pace(number, prefix), DAY)
