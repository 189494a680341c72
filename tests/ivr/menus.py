"""A caller in the voice menus, by hand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cases.calendar import WorkCalendar
from ivr.call import Heard
from ivr.menu import Action, Book
from ivr.menu_file import shipped
from ivr.menu_offer import Situation
from ivr.menu_run import Dialogue
from ivr.menu_text import parse
from ivr.wanted import Want
from tests.fakes import FakeCall, FakeVoice

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten in the morning, a work day
SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

NOWHERE = frozenset({Action.ENTERPRISE, Action.DIALECT, Action.ENGLISH, Action.EVENT})
"""What a city without such seats, and a day without events, do not offer."""


class Mumbler(FakeCall):
    """Words may be given with how surely they are heard, of a hundred: `查进度~50`."""

    async def hear(
        self, sounds: Sequence[str], grammar: str, *, keys: str, seconds: float = 5.0, spare: float = 0.0
    ) -> Heard:
        self.spared.append(spare)
        heard = await super().hear(sounds, grammar, keys=keys, seconds=seconds, spare=spare)
        words, _, score = heard.words.partition("~")
        return replace(heard, words=words, score=int(score or heard.score))

    spared: list[float]


class Caller:
    """A call, its voice and what it came to want of a seat."""

    def __init__(
        self, keys: Sequence[str] = (), *, mute: bool = False, hang_up_at: int | None = None
    ) -> None:
        self.call = Mumbler(keys=keys, hang_up_at=hang_up_at)
        self.call.spared = []
        self.voice = FakeVoice(mute=mute)
        self.wants: list[Want] = []

    async def want(self, want: Want) -> None:
        self.wants.append(want)

    def in_menus(self, book: Book | None = None, **situation: Any) -> Dialogue:
        fields: dict[str, Any] = {
            "at": MONDAY,
            "calendar": WorkCalendar(ZONE),
            "speech": True,
            "without": NOWHERE,
        }
        now = Situation(**fields | situation)
        return Dialogue(self.call, self.voice, book or shipped(), now, wanted=self.want)

    def facts(self, kind: str) -> list[dict[str, str | int]]:
        return [detail for name, detail in self.call.facts if name == kind]


def a_book(text: str, folder: Path | None = None) -> Book:
    """Read a menu file; recordings that it names are put into the folder."""
    for name in re.findall(r"recording = '([^']+)'", text) if folder else ():
        (folder or Path()).joinpath(name).write_bytes(name.encode())
    return parse(f'version = "t1"\n{text}', folder)
