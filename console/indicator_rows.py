"""Figures as people read them, with everything that must stand beside them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from cases.indicators import BY_CODE, NOTHING, Axis, Definition, Form, Source
from cases.scores import LEAST_SAMPLE
from console.i18n import say
from console.indicator_view import Found
from console.parts import PARTS
from storage.indicator_periods import Corrected
from storage.indicators import WHOLE, Key
from storage.units import Unit


def written(form: Form, value: float | None) -> str:
    """Return a figure as people read it: shares with two places, as the regulations print them."""
    if value is None:
        return "—"
    if form is Form.SHARE:
        return f"{value * 100:.2f}%"
    if form is Form.COUNT:
        return f"{value:.0f}"
    return f"{value:.1f}"


def plain(number: float) -> str:
    return f"{number:.0f}" if number == int(number) else f"{number:.1f}"


def row_of(request: web.Request, found: Found, code: str, key: Key = WHOLE) -> dict[str, Any]:
    """Return everything that must stand beside a figure."""
    definition = BY_CODE[code]
    figure = found.figures.get(code, {}).get(key, NOTHING)
    corrected = found.corrections.get((code, key))
    return {
        "code": code,
        "number": definition.number,
        "title": say(request, f"indicator.{code}.title"),
        "value": figure.value,
        "text": written(definition.form, figure.value),
        "part": plain(figure.part),
        "whole": "" if definition.form is Form.COUNT else plain(figure.whole),
        "excluded": figure.excluded,
        "pending": figure.pending,
        "cohort": say(request, f"indicator.cohort.{definition.cohort}"),
        "version": definition.version,
        "opens": definition.source is Source.CASES,
        "corrected": _beside(request, definition, corrected) if corrected else "",
    }


def _beside(request: web.Request, definition: Definition, corrected: Corrected) -> str:
    figure, zone = corrected.figure, request.app[PARTS].settings.zone
    return say(
        request,
        "indicators.corrected",
        value=written(definition.form, figure.value),
        part=plain(figure.part),
        whole=plain(figure.whole),
        at=f"{corrected.counted_at.astimezone(zone):%Y-%m-%d %H:%M}",
    )


def by_unit(request: web.Request, found: Found, code: str, all_units: Iterable[Unit]) -> list[dict[str, Any]]:
    """Return the units in groups of one kind and level; too small a sample shows no figure."""
    groups: dict[tuple[int, str], list[dict[str, Any]]] = {}
    figures = found.figures.get(code, {})
    for unit in all_units:
        if (Axis.UNIT, unit.id) not in figures:
            continue
        row = row_of(request, found, code, (Axis.UNIT, unit.id)) | {"key": unit.id, "name": unit.short_name}
        figure = figures[Axis.UNIT, unit.id]
        if BY_CODE[code].form is not Form.COUNT and figure.whole < LEAST_SAMPLE:
            row |= {"text": say(request, "indicators.small"), "value": None, "corrected": ""}
        groups.setdefault((unit.level, unit.kind), []).append(row)
    return [
        {
            "title": say(request, "indicators.group", kind=say(request, f"org.kind.{kind}"), level=level),
            "rows": rows,
        }
        for (level, kind), rows in sorted(groups.items())
    ]


def at_local(request: web.Request, at: datetime) -> str:
    return f"{at.astimezone(request.app[PARTS].settings.zone):%Y-%m-%d %H:%M}"
