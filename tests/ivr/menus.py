"""A caller in the voice menus, by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ivr.menu import Action, Book
from ivr.menu_file import shipped
from ivr.menu_run import Dialogue, Situation
from ivr.menu_text import parse
from ivr.wanted import Want
from tests.fakes import FakeCall, FakeVoice

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten in the morning, a work day
SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

NOWHERE = frozenset({Action.ENTERPRISE, Action.DIALECT, Action.ENGLISH, Action.EVENT})
"""What a city without such seats, and a day without events, do not offer."""


class Caller:
    """A call, its voice and what it came to want of a seat."""

    def __init__(
        self, keys: Sequence[str] = (), *, mute: bool = False, hang_up_at: int | None = None
    ) -> None:
        self.call = FakeCall(keys=keys, hang_up_at=hang_up_at)
        self.voice = FakeVoice(mute=mute)
        self.wants: list[Want] = []

    async def want(self, want: Want) -> None:
        self.wants.append(want)

    def in_menus(self, book: Book | None = None, **situation: Any) -> Dialogue:
        fields: dict[str, Any] = {"at": MONDAY, "zone": ZONE, "speech": True, "without": NOWHERE}
        now = Situation(**fields | situation)
        return Dialogue(self.call, self.voice, book or shipped(), now, wanted=self.want)

    def facts(self, kind: str) -> list[dict[str, str | int]]:
        return [detail for name, detail in self.call.facts if name == kind]


def a_book(text: str) -> Book:
    return parse(f'version = "t1"\n{text}')
