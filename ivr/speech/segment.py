"""Splits phrases into the words a model knows. A word unknown to it would be dropped in silence, and never be heard."""

from collections.abc import Callable, Iterable

Knows = Callable[[str], bool]


def segment(phrase: str, knows: Knows) -> tuple[str, ...]:
    """Return the phrase as words of the model, as few as possible; () if it cannot be written with them.

    Spaces in the phrase are hints of its writer; where the model knows a longer word across one, that is taken.
    """
    text = "".join(phrase.split())
    best: list[tuple[str, ...] | None] = [()] + [None] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(end):  # the longest last word first
            before = best[start]
            if before is None or not knows(text[start:end]):
                continue
            found, shortest = (*before, text[start:end]), best[end]
            if shortest is None or len(found) < len(shortest):
                best[end] = found
    return best[-1] or ()


def unknown(phrases: Iterable[str], knows: Knows) -> tuple[str, ...]:
    """Return the parts of the phrases that no words of the model can write, each once."""
    found: dict[str, None] = {}
    for phrase in phrases:
        if segment(phrase, knows):
            continue
        parts = [part for part in phrase.split() if not segment(part, knows)]
        found |= dict.fromkeys(parts or [phrase])
    return tuple(found)
