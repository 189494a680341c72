"""界面样张: every token with its contrasts, and every component in every state, in whatever look the reader has chosen.

Context of look.html: palettes, colours, pairs, sizes. Of look_parts.html and look_desk.html: rows, found.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from console import look
from console.i18n import say
from console.look import Palette
from console.pages import render
from console.parts import PARTS
from console.permissions import Permission, needs

routes = web.RouteTableDef()


@dataclass(frozen=True, slots=True)
class Row:
    """An invented case of the sample list."""

    no: str
    title: str
    state: str
    received_at: datetime
    due_at: datetime | None
    step: str = ""
    state_text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Where the sample list stands among its pages."""

    page: int = 2
    pages: int = 32


NEARNESS: Final = (
    ("handling", 120.0, ""),
    ("handling", 40, "half"),
    ("dispatched", 6, "yellow"),
    ("replied", -26, "red"),
)


def tokens_page() -> dict[str, Any]:
    """Return what look.html shows; all of it is read from the style sheets."""
    palettes = look.palettes()
    names = [name for name, value in palettes[Palette.LIGHT].items() if look.is_colour(value)]
    return {
        "palettes": list(Palette),
        "colours": [(name, [palettes[palette][name] for palette in Palette]) for name in names],
        "pairs": [
            (pair, [(look.contrast_of(pair, palette), pair.least(palette)) for palette in Palette])
            for pair in look.PAIRS
        ],
        "sizes": [(name, value, look.sizes(True)[name]) for name, value in look.sizes(False).items()],
    }


def parts_page(title: str, at: datetime) -> dict[str, Any]:
    """Return what the pages of components show: one invented case at every distance from its due time."""
    rows = [
        Row(
            f"RH261122-0017{number}-1",
            title,
            state,
            at - timedelta(hours=30),
            at + timedelta(hours=left),
            step,
        )
        for number, (state, left, step) in enumerate(NEARNESS)
    ]
    closed = Row("RH261122-00179-1", title, "closed", at - timedelta(hours=90), None)
    return {"rows": [*rows, closed], "found": Found()}


@routes.get("/look")
@needs(Permission.SIGNED_IN)
async def tokens(request: web.Request) -> web.Response:
    return render(request, "look.html", tokens_page())


@routes.get("/look/{part:parts|desk}")
@needs(Permission.SIGNED_IN)
async def parts(request: web.Request) -> web.Response:
    context = parts_page(say(request, "look.case"), request.app[PARTS].now())
    return render(request, f"look_{request.match_info['part']}.html", context)
