"""AGI over a socket: an `ivr.call.Call` for one channel of Asterisk."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

from agi_scripts import agi_lines
from agi_scripts.agi_lines import AGIError, Answer
from agi_scripts.agi_speech import DEAF, Ears, Question, Turn
from dialplan import variables
from ivr.call import Heard, HungUp

log = logging.getLogger(__name__)

# How long Asterisk may take to answer; every wait has a limit.
QUICK = 10.0
LONGEST_SOUND = 180.0
NEXT_KEY_SECONDS = 6.0

ANY_KEY = "0123456789*#"
FIGURES = frozenset({*(f"digits/{figure}" for figure in range(10)), "digits/yao", "digits/pause"})
LEAST_NUMBER = 5  # so many figures one after the other are no date and no count
MOST_FAILURES = 2  # of the speech service in one call; then its keys will do


class NoAnswer(AGIError):
    """Asterisk took longer than the command's limit; the session cannot be used any more."""


def unheard(_call: str, _fact: str) -> None:
    """Nobody remembers what is put into the record of a call."""


class AGISession:
    """One citizen's call, spoken to line by line.

    `HANGUP` is remembered and is no answer to anything: variables and facts can still be written after it, while
    sounds and keys raise HungUp.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        headers: Mapping[str, str],
        *,
        heard: Callable[[str, str], None] = unheard,
        ears: Ears = DEAF,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._headers = headers
        self._heard = heard
        self._ears = ears
        self._failures = 0  # of the speech service, in this call
        self._gone = False
        self._closed = False

    @property
    def id(self) -> str:
        return self._headers.get("agi_uniqueid", "")

    @property
    def caller(self) -> str:
        return agi_lines.number(self._headers.get("agi_callerid", ""))

    @property
    def dialled(self) -> str:
        return agi_lines.number(self._headers.get("agi_dnid", ""))

    @property
    def _language(self) -> str:
        return self._headers.get("agi_language", "zh")

    async def say(self, sounds: Sequence[str], keys: str = "") -> str:
        began = time.monotonic()
        said: list[str] = []
        try:
            key = await self.play(sounds, keys, said)
        except HungUp:
            await self._note(said, began)
            raise
        await self._note(said, began, key=key)
        return key

    async def ask(self, sounds: Sequence[str], *, digits: int, seconds: float = 6.0) -> str:
        began = time.monotonic()
        said: list[str] = []
        try:
            first = await self.play(sounds, ANY_KEY, said)
            keyed = await self._collect(first, digits, seconds)
        except HungUp:
            await self._note(said, began)
            raise
        if digits == 1:
            await self._note(said, began, key=keyed)
        else:
            # Several keys are a case number or a query code, and those belong into no log.
            await self._note(said, began, keys=len(keyed))
        return keyed

    async def hear(
        self, sounds: Sequence[str], grammar: str, *, keys: str, seconds: float = 5.0, spare: float = 0.0
    ) -> Heard:
        began = time.monotonic()
        question = Question(tuple(sounds), grammar, keys, seconds, spare, language=self._language)
        turn = Turn(self, self._ears, question)
        try:
            heard = await turn.listen(trusted=self._failures < MOST_FAILURES)
            if question.is_number and heard.key:
                heard = replace(heard, key=await self._rest_of_number(grammar, heard.key))
        except HungUp:
            await self._note(turn.said, began, **turn.fact(None))
            raise
        finally:
            await turn.close()
            self._failures += turn.failed
        await self._note(turn.said, began, **turn.fact(heard))
        return heard

    async def record(self, kind: str, **detail: str | int) -> None:
        fact = agi_lines.fact(kind, detail)
        self._heard(self.id, fact)
        answer = await self.command("EXEC", "CELGenUserEvent", fact)
        if answer.result == "-2":
            log.error("%s: Asterisk has no CELGenUserEvent, facts of this call are lost", self.id)

    async def route(self, name: str) -> None:
        """Tell the dialplan where the call goes. The last thing a script does: without DONE a person takes the call."""
        await self.set(variables.ROUTE, name)
        await self.set(variables.DONE, "1")

    async def set(self, variable: str, value: str) -> None:
        await self.command("SET VARIABLE", variable, value)

    async def get(self, variable: str) -> str:
        answer = await self.command("GET VARIABLE", variable)
        return answer.text if answer.result == "1" else ""

    async def command(self, verb: str, *arguments: str, seconds: float = QUICK) -> Answer:
        """Send one command and return its answer, or raise HungUp, AGIError or NoAnswer."""
        if self._closed:
            raise HungUp
        line = agi_lines.command(verb, *arguments)
        try:
            async with asyncio.timeout(seconds):
                self._writer.write(line)
                await self._writer.drain()
                return await self._answer(single=verb == agi_lines.RECOGNIZE)
        except TimeoutError:
            # A late answer would be taken for that of the next command.
            self._closed = True
            raise NoAnswer(f"{verb}: no answer in {seconds:g} s") from None
        except asyncio.CancelledError:
            self._closed = True
            raise
        except ConnectionError:
            self._closed = True
            raise HungUp from None

    async def play(self, sounds: Sequence[str], keys: str, said: list[str]) -> str:
        """Play the sounds until a key cuts them short; add to `said` what was begun."""
        for sound in sounds:
            self.must_live()
            said.append(sound)
            path = sound if "/" in sound else f"hotline/{sound}"
            answer = await self.command("STREAM FILE", path, keys, seconds=LONGEST_SOUND)
            if answer.result == "-1":
                await self.still_there()
                log.error("%s: there is no sound %s, skipped", self.id, path)
                said.pop()
            elif answer.result not in {"", "0"}:
                return chr(int(answer.result))
        return ""

    async def _collect(self, first: str, digits: int, seconds: float) -> str:
        """Return the keys that follow the first. Asterisk collects them, so none is lost while we are busy."""
        if first == "#":
            return ""
        if len(first) == digits:
            return first
        self.must_live()
        wanted = digits - len(first)
        limit = QUICK + seconds * (wanted + 1)
        answer = await self.command("GET DATA", "", str(int(seconds * 1000)), str(wanted), seconds=limit)
        if answer.result == "-1":
            await self.still_there()
            return first
        return first + answer.result

    async def _rest_of_number(self, grammar: str, first: str) -> str:
        """Collect what is keyed after the first figure, before anything else: between two commands keys are lost."""
        wanted = int(grammar.partition(":")[2] or 1)
        return await self._collect(first, wanted, NEXT_KEY_SECONDS) or "#"

    async def still_there(self) -> None:
        """Raise HungUp if the caller is gone: Asterisk answers -1 to a hang-up and to a missing sound alike."""
        self.must_live()
        answer = await self.command("CHANNEL STATUS")
        if answer.result == "-1":
            self._gone = True
            raise HungUp

    def must_live(self) -> None:
        if self._gone:
            raise HungUp

    def has_gone(self) -> None:
        self._gone = True

    async def _note(self, said: list[str], began: float, **keyed: str | int) -> None:
        """Put on record what the caller heard and keyed; a caller who is gone has heard it all the same."""
        ms = int((time.monotonic() - began) * 1000)
        with suppress(HungUp, AGIError):
            parts = list(_portions(said, agi_lines.LONGEST_VALUE - len(agi_lines.fact("", keyed))))
            for part in parts[:-1]:
                await self.record("menu", said=part)
            await self.record("menu", said=parts[-1] if parts else "", ms=ms, **keyed)

    async def _answer(self, *, single: bool) -> Answer:
        while True:
            line = await self._line()
            if line == agi_lines.HANGUP:
                self._gone = True
                continue
            if line.startswith("520-"):
                while not line.startswith("520 "):
                    line = await self._line()
            answer = agi_lines.answer(line)
            while answer.open and not single:
                line = f"{line}\n{await self._line()}"
                answer = agi_lines.answer(line)
            if answer.code == 200:
                return answer
            if answer.code == 511:
                self._gone = True
                raise HungUp
            if answer.code != 100:
                raise AGIError(line)

    async def _line(self) -> str:
        try:
            line = await self._reader.readline()
        except ValueError:
            self._closed = True
            raise AGIError("a line without end") from None
        if not line.endswith(b"\n"):
            self._closed = True
            raise HungUp
        return line.decode("utf-8", "replace").rstrip("\r\n")


def _without_numbers(said: Sequence[str]) -> Iterator[str]:
    """Put one word for figures told one by one: a number that was read back belongs into no record."""
    for is_figure, run in groupby(said, FIGURES.__contains__):
        sounds = list(run)
        yield from ["digits"] if is_figure and len(sounds) >= LEAST_NUMBER else sounds


def _portions(said: Sequence[str], longest: int) -> Iterator[str]:
    """Split the names of sounds so that each portion fits into one fact. Folders of made sounds are left out."""
    portion: list[str] = []
    for sound in _without_numbers(said):
        name = "/".join(sound.split("/")[-2:]) if sound.startswith("/") else sound
        if portion and sum(map(len, portion)) + len(portion) + len(name) > longest:
            yield " ".join(portion)
            portion = []
        portion.append(name)
    if portion:
        yield " ".join(portion)
