"""What the pages look like, read from the style sheets themselves: the tokens of each palette and their contrasts.

Nothing here repeats a colour; the page that documents them and the tests that judge them both ask this.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Final

CSS: Final = Path(__file__).parent / "static" / "css"
SHEETS: Final = ("tokens.css", "contrast.css")


class Palette(StrEnum):
    """The four sets of colours a reader can have."""

    LIGHT = auto()
    DARK = auto()
    CONTRAST = auto()
    CONTRAST_DARK = auto()


DARK: Final = ":root[data-theme=dark]"
MORE: Final = ":root[data-contrast=more]"
LAYERS: Final[Mapping[Palette, tuple[str, ...]]] = {
    Palette.LIGHT: (":root",),
    Palette.DARK: (":root", DARK),
    Palette.CONTRAST: (":root", MORE),
    Palette.CONTRAST_DARK: (":root", DARK, MORE, f"{MORE}[data-theme=dark]"),
}
"""Which rules make a palette, the later over the earlier, as the browser has it."""


class Need(StrEnum):
    """What a colour on another is for: words, or an edge that shows where something is."""

    TEXT = auto()
    EDGE = auto()


LEAST: Final[Mapping[tuple[Need, bool], float]] = {
    (Need.TEXT, False): 4.5,
    (Need.TEXT, True): 7.0,
    (Need.EDGE, False): 3.0,
    (Need.EDGE, True): 3.0,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One token on another. A line that only adorns need not be seen in the usual palettes."""

    ink: str
    ground: str
    need: Need = Need.TEXT
    adorns: bool = False

    def least(self, palette: Palette) -> float:
        more = palette in {Palette.CONTRAST, Palette.CONTRAST_DARK}
        return 0.0 if self.adorns and not more else LEAST[self.need, more]


STATES: Final = ("ok", "warn", "bad", "wrap", "mute")
PAIRS: Final = (
    *(Pair(ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("surface", "surface-2", "bg")),
    *(Pair("ink", f"{state}-tint") for state in ("brand", *STATES)),
    *(Pair(state, f"{state}-tint") for state in STATES),
    *(Pair(state, "surface") for state in ("brand", *STATES)),
    Pair("brand", "bg"),
    Pair("brand-ink", "brand-tint"),
    Pair("ink-3", "mute-tint"),
    Pair("on-brand", "brand"),
    Pair("on-bad", "bad"),
    Pair("surface", "ok"),
    *(Pair(ink, "top") for ink in ("top-ink", "top-ink-2", "top-hot")),
    *(Pair("top-ink", ground) for ground in ("top-field", "top-state")),
    Pair("line-strong", "surface", Need.EDGE),
    Pair("line-strong", "surface-2", Need.EDGE),
    Pair("line-strong", "bg", Need.EDGE),
    Pair("line", "surface", Need.EDGE, adorns=True),
    Pair("line", "bg", Need.EDGE, adorns=True),
    Pair("warn-line", "warn-tint", Need.EDGE, adorns=True),
    Pair("top-line", "top", Need.EDGE),
    Pair("top-live", "top-state", Need.EDGE),
)


def rules(css: str) -> list[tuple[str, dict[str, str]]]:
    """Return each rule's selector and its tokens, in their order; rules within @media stand as they are written there."""
    bare = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    found = re.findall(r"(:root[^{]*?)\s*\{([^{}]*)\}", bare)
    return [(selector.strip(), dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))) for selector, body in found]


@cache
def palettes() -> Mapping[Palette, Mapping[str, str]]:
    """Return the tokens of every palette as the browser would have them."""
    written: dict[str, dict[str, str]] = {}
    for name in SHEETS:
        for selector, tokens in rules((CSS / name).read_text(encoding="utf-8")):
            written.setdefault(selector, tokens)
    return {
        palette: {name: value for layer in layers for name, value in written[layer].items()}
        for palette, layers in LAYERS.items()
    }


@cache
def sizes(large: bool) -> Mapping[str, str]:
    """Return the sizes of type and rows, and the measures between things."""
    written = dict(reversed(rules((CSS / "tokens.css").read_text(encoding="utf-8"))))
    tokens = written[":root"] | (written[":root[data-size=large]"] if large else {})
    return {name: value for name, value in tokens.items() if re.fullmatch(r"fs-\w+|row|s\d|r\d", name)}


def is_colour(value: str) -> bool:
    return re.fullmatch(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", value) is not None


def luminance(colour: str) -> float:
    """Return how bright a colour is, as WCAG 2.2 has it: 0 for black, 1 for white."""
    figures = colour.removeprefix("#")
    full = figures if len(figures) == 6 else "".join(figure * 2 for figure in figures)
    parts = [int(full[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def contrast_of(pair: Pair, palette: Palette) -> float:
    tokens = palettes()[palette]
    return contrast(tokens[pair.ink], tokens[pair.ground])
