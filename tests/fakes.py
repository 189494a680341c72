"""Stand-ins for the world outside, written by hand: a caller who presses keys, a voice that needs no synthesiser."""

from collections.abc import Awaitable, Callable, Sequence

from ivr.call import Heard, How, HungUp
from ivr.prompts import words


class FakeCall:
    """An `ivr.call.Call`: presses one entry of `keys` at each question, then stays silent; remembers what it heard.

    `hang_up_at` is the step, counted from 1 over everything said and asked, in which the caller hangs up.
    """

    id = "hotline1-1795308607.0"
    dialled = "12345"

    def __init__(
        self,
        keys: Sequence[str] = (),
        *,
        caller: str = "13812345678",
        hang_up_at: int | None = None,
        score: int = 90,
    ) -> None:
        self.caller = caller
        self.steps: list[list[str]] = []
        self.facts: list[tuple[str, dict[str, str | int]]] = []
        self.grammars: list[str] = []
        self._keys = list(keys)
        self._hang_up_at = hang_up_at
        self._score = score  # of all words

    @property
    def heard(self) -> list[str]:
        """Every sound, in order."""
        return [sound for step in self.steps for sound in step]

    async def say(self, sounds: Sequence[str], keys: str = "") -> str:
        self._step(sounds)
        if not keys or not self._keys or self._keys[0] not in keys:
            return ""
        return self._keys.pop(0)

    async def ask(self, sounds: Sequence[str], *, digits: int, seconds: float = 6.0) -> str:
        self._step(sounds)
        keyed = self._keys.pop(0) if self._keys else ""
        return keyed.partition("#")[0][:digits]

    async def hear(
        self, sounds: Sequence[str], grammar: str, *, keys: str, seconds: float = 5.0, spare: float = 0.0
    ) -> Heard:
        """Take the next entry: a key, words that were said, `[unk]` for words of no grammar, '' for silence.

        Of a number all keys come at once, up to as many as are wanted.
        """
        self._step(sounds)
        self.grammars.append(grammar)
        given = self._keys.pop(0) if self._keys else ""
        name, _, wanted = grammar.partition(":")
        if name == "digits" and given and set(given) <= set(keys):
            return Heard(how=How.KEY, key=given.partition("#")[0][: int(wanted or 1)] or "#")
        if given and given in keys:
            return Heard(how=How.KEY, key=given)
        if given == "[unk]":
            return Heard(how=How.UNKNOWN)
        if given and not given.isdecimal():
            return Heard(how=How.SPEECH, words=given, score=self._score)
        return Heard(how=How.SILENCE)

    async def record(self, kind: str, **detail: str | int) -> None:
        self.facts.append((kind, detail))

    def _step(self, sounds: Sequence[str]) -> None:
        unknown = [sound for sound in sounds if not _can_be_heard(sound)]
        assert not unknown, f"there is no prompt {unknown}"
        self.steps.append(list(sounds))
        if self._hang_up_at is not None and len(self.steps) >= self._hang_up_at:
            raise HungUp


class FakeVoice:
    """An `ivr.call.Voice`: the sound of a text is `live/<text>`; a mute one can speak nothing."""

    def __init__(self, *, mute: bool = False) -> None:
        self.said: list[str] = []
        self._mute = mute

    async def say(self, text: str, *, slow: bool = False) -> list[str]:
        self.said.append(text)
        spoken = f"live/slow:{text}" if slow else f"live/{text}"
        return [] if self._mute else [spoken]

    async def recorded(self, digest: str, load: Callable[[], Awaitable[bytes]]) -> list[str]:
        await load()
        return [f"live/{digest}"]


def _can_be_heard(sound: str) -> bool:
    return sound.startswith(("live/", "/")) or words.full_name(sound) in words.names()
