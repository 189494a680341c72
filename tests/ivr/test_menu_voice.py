"""The words of the menus are spoken before a caller needs them."""

import asyncio
from contextlib import suppress

from ivr.menu import Book
from ivr.menu_voice import keep_spoken, texts
from tests.fakes import FakeVoice
from tests.ivr.menus import Caller, a_book

ONE = a_book(
    '[menus.main]\nopening="您好。"\n[menus.main.choices.a]\naction="say"\nkey="1"\nphrases=["进度"]\n'
    'title="查进度"\noffer=["key-status", "请说。"]\nsay="在办理。"'
)
OTHER = a_book('[menus.main]\nopening="欢迎。"')


class Menus:
    """One book after the other comes into force."""

    def __init__(self, *books: Book) -> None:
        self.left = list(books)

    def __call__(self) -> Book:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


async def test_every_word_is_spoken_once_and_again_when_other_menus_come_into_force() -> None:
    voice = FakeVoice()
    with suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await keep_spoken(voice, Menus(ONE, ONE, OTHER), seconds=0)
    assert voice.said == ["查进度", "您好。", "请说。", "在办理。", "欢迎。"]


async def test_nothing_that_a_caller_hears_is_left_out() -> None:
    caller = Caller(keys=["进度~50", "1", ""])
    await caller.in_menus(ONE).run("main")
    assert set(caller.voice.said) <= set(texts(ONE))
