"""The graphs of the model, from the list of words: `HCLr.fst` (sounds into words) and `Gr.fst` (which words follow).

Both are plain OpenFst vector files, written byte by byte. With the word on the first arc of its phones, ordinary
composition at run time is small and fast for hundreds of words.
"""

import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ivr.speech.builder.lexicon import Pronunciations
from ivr.speech.builder.phones import SILENCE, Phones

MAGIC = 2125659606
VERSION, FLAGS = 2, 0
MUTABLE, BY_INPUT, BY_OUTPUT = 0x3, 1 << 28, 1 << 30
HALF = math.log(2)
UNKNOWN = "[unk]"
UNKNOWN_COST = (
    4.5  # a phone: with 6 half of all strange words are taken for ours in noise, with 4 ours are lost
)
UNKNOWN_WORD_COST = 2.0

Arc = tuple[int, int, float, int]


@dataclass(slots=True)
class Automaton:
    """A weighted automaton that is being built; state 0 is its start."""

    arcs: list[list[Arc]] = field(default_factory=lambda: [[]])
    final: dict[int, float] = field(default_factory=dict)

    def state(self) -> int:
        self.arcs.append([])
        return len(self.arcs) - 1

    def arc(self, begin: int, arc: Arc) -> None:
        self.arcs[begin].append(arc)

    def packed(self, *, by_input: bool) -> bytes:
        order: Callable[[Arc], tuple[int, int]] = (
            (lambda arc: (arc[0], arc[1])) if by_input else (lambda arc: (arc[1], arc[0]))
        )
        properties = MUTABLE | (BY_INPUT if by_input else BY_OUTPUT)
        count = sum(map(len, self.arcs))
        head = struct.pack("<i", MAGIC) + _text("vector") + _text("standard")
        head += struct.pack("<iiQqqq", VERSION, FLAGS, properties, 0, len(self.arcs), count)
        return head + b"".join(
            struct.pack("<fq", self.final.get(state, math.inf), len(arcs))
            + b"".join(struct.pack("<iifi", *arc) for arc in sorted(arcs, key=order))
            for state, arcs in enumerate(self.arcs)
        )


def write(graph: Path, phones: Phones, spoken: Pronunciations) -> None:
    """Write the whole folder `graph` of a model."""
    graph.mkdir(parents=True, exist_ok=True)
    words = ["<eps>", *sorted(spoken), UNKNOWN]
    listed = [*words, "#0", "<s>", "</s>"]
    table = "".join(f"{word} {number}\n" for number, word in enumerate(listed))
    (graph / "words.txt").write_text(table, "utf-8")
    phones.write(graph)
    numbers = {word: number for number, word in enumerate(words)}
    (graph / "HCLr.fst").write_bytes(_Sounds(phones).of(spoken, numbers).packed(by_input=False))
    (graph / "Gr.fst").write_bytes(_any_word(numbers.values(), len(spoken)).packed(by_input=True))
    (graph / "disambig_tid.int").write_text("")


class _Sounds:
    """Builds the way from sounds to words: a loop of words with silence between them where there is any."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones
        self._made = Automaton()
        self._loop = self._made.state()
        self._silence = self._enter(0, SILENCE, cost=HALF)
        self._made.arc(0, (0, 0, HALF, self._loop))
        self._made.arc(self._silence, (0, 0, 0.0, self._loop))
        self._made.final[self._loop] = 0.0

    def of(self, spoken: Pronunciations, numbers: dict[str, int]) -> Automaton:
        for word, pronounced in spoken.items():
            state = self._loop
            for place, phone in enumerate(self._phones.of_word(pronounced)):
                state = self._enter(state, phone, word=numbers[word] if place == 0 else 0)
            self._leave(state)
        self._unknown(numbers[UNKNOWN])
        return self._made

    def _enter(self, begin: int, phone: int, *, word: int = 0, cost: float = 0.0) -> int:
        """Add a phone that is entered once and may then be stayed in; return its state."""
        state = self._made.state()
        staying = 2 * (phone - 1) + 1  # Kaldi's number of the transition; the next is that of leaving
        self._made.arc(begin, (staying + 1, word, cost + HALF, state))
        self._made.arc(state, (staying, 0, HALF, state))
        return state

    def _leave(self, state: int) -> None:
        """Go on with the next word, or with silence before it."""
        self._made.arc(state, (0, 0, HALF, self._loop))
        self._made.arc(state, (2 * (SILENCE - 1) + 2, 0, 2 * HALF, self._silence))

    def _unknown(self, word: int) -> None:
        """Add what no word matches: at least two phones of any kind, each at a cost."""
        middle = self._made.state()
        for sound in self._phones.sounds[1:]:
            first, inner, last = (self._phones.numbers[f"{sound}_{place}"] for place in "BIE")
            begun = self._enter(self._loop, first, word=word, cost=UNKNOWN_COST)
            self._made.arc(begun, (0, 0, 0.0, middle))
            gone_on = self._enter(middle, inner, cost=UNKNOWN_COST)
            self._made.arc(gone_on, (0, 0, 0.0, middle))
            self._leave(self._enter(middle, last, cost=UNKNOWN_COST))


def _any_word(numbers: Iterable[int], count: int) -> Automaton:
    """Return the grammar without a grammar: any word after any other."""
    made = Automaton(final={0: HALF})
    numbered = [number for number in numbers if number]
    for number in numbered[:-1]:
        made.arc(0, (number, number, math.log(count) + HALF, 0))
    made.arc(0, (numbered[-1], numbered[-1], math.log(count) + UNKNOWN_WORD_COST, 0))
    return made


def _text(text: str) -> bytes:
    return struct.pack("<i", len(text)) + text.encode()
