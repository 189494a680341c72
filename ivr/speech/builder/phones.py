"""The phones of the model by name and number. Each that speaks has four names, by its place in a word, and one sound."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SILENCE, SILENT_WORD = 1, 2
PLACES = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}


@dataclass(frozen=True)
class Phones:
    """The sounds the network knows, silence first."""

    sounds: tuple[str, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return all names in the order of their numbers; 0 is nothing."""
        silence = self.sounds[0]
        placed = [f"{sound}_{place}" for sound in self.sounds[1:] for place in "BIES"]
        return ("<eps>", silence, f"{silence}_S", *placed)

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    def owner(self, number: int) -> int:
        """Return the place in `sounds` of a phone."""
        return 0 if number <= SILENT_WORD else 1 + (number - 3) // 4

    def of_word(self, pronounced: tuple[str, ...]) -> list[int]:
        """Return the numbers of a word's phones."""
        last = len(pronounced) - 1
        places = ["S"] if last == 0 else ["B", *"I" * (last - 1), "E"]
        return [self.numbers[f"{sound}_{place}"] for sound, place in zip(pronounced, places, strict=True)]

    def write(self, graph: Path) -> None:
        """Write `phones.txt` and `phones/word_boundary.int`, from which word times come."""
        (graph / "phones").mkdir(parents=True, exist_ok=True)
        table = "".join(f"{name} {number}\n" for number, name in enumerate(self.names))
        (graph / "phones.txt").write_text(table, "utf-8")
        kinds = ["nonword", *(PLACES[name[-1]] for name in self.names[SILENT_WORD:])]
        (graph / "phones" / "word_boundary.int").write_text(
            "".join(f"{number} {kind}\n" for number, kind in enumerate(kinds, start=1)), "utf-8"
        )


def of_model(folder: Path) -> Phones:
    """Return the phones of a model that was built before."""
    names = [line.split()[0] for line in (folder / "graph" / "phones.txt").read_text("utf-8").splitlines()]
    return Phones((names[1], *(name.removesuffix("_B") for name in names if name.endswith("_B"))))
