"""What a dialogue may ask of a call. Asterisk is behind it in the product, a hand-written fake in tests."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class HungUp(Exception):
    """The caller is gone. A dialogue ends by this, it never tests a flag."""


class How(StrEnum):
    """What came of listening to a caller."""

    KEY = "key"
    SPEECH = "speech"
    UNKNOWN = "unknown"  # something was said that is none of the phrases, or not surely
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A key, or words of a grammar; with neither, why not."""

    how: How
    key: str = ""
    words: str = ""  # as the grammar writes them, without spaces; '' unless `how` is SPEECH
    score: int = 0  # 0 to 100


class Call(Protocol):
    """One citizen's call.

    A *sound* is the name of a prompt (`welcome`, `digits/3`) or the absolute path of a sound file without its
    extension, as `Voice.say` returns it.
    """

    @property
    def id(self) -> str:
        """Node and unique id of the citizen's channel, e.g. `hotline1-1795308607.0`."""

    @property
    def caller(self) -> str:
        """The number presented: digits and a leading `+` only; empty if withheld or unreadable."""

    @property
    def dialled(self) -> str:
        """The number the citizen dialled."""

    async def say(self, sounds: Sequence[str], keys: str = "") -> str:
        """Play the sounds one after the other; return the key of `keys` that cut them short, or ''."""

    async def ask(self, sounds: Sequence[str], *, digits: int, seconds: float = 6.0) -> str:
        """Play, then collect up to `digits` keys; `#` ends early; '' if nothing was keyed in `seconds`."""

    async def hear(
        self, sounds: Sequence[str], grammar: str, *, keys: str, seconds: float = 5.0, spare: float = 0.0
    ) -> Heard:
        """Play the sounds; listen for phrases of `grammar` and one key of `keys` until `seconds` after them.

        Both cut the sounds short; what is said in the first `spare` seconds does not. Without speech recognition it
        listens for keys alone, for as long. A key always wins. Other keys than `keys` are not heard.
        """

    async def record(self, kind: str, **detail: str | int) -> None:
        """Put a fact about this call (`menu`, `survey`, …) into the files that become its record."""


class Voice(Protocol):
    """Speaks words that no prompt was made for: names of departments, replies."""

    async def say(self, text: str, *, slow: bool = False) -> list[str]:
        """Return the sounds that speak the text, made now if need be; [] if it cannot be spoken."""

    async def recorded(self, digest: str, load: Callable[[], Awaitable[bytes]]) -> list[str]:
        """Return the sound of a recording of the city's; `load` is asked for it the first time."""
