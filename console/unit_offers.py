"""Which units stand ready to be chosen in a form: those proposed, those chosen before, and those just found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from storage import units
from storage.units import Duty, Unit

UNITS_AT_MOST: Final = 8
"""As many may assist."""
FIND: Final = "find_"
"""What is looked for stands in a field of this name and the field's own."""
LOOKING: Final = "looking"
"""The field of a form whose button was pressed to look for a unit."""
WANTED: Final = "wanted"
"""Why a unit is offered that was named when the case was registered."""
_FOUND_AT_MOST: Final = 10
_PROPOSED_AT_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """One unit to choose. The first may be preselected; nobody has it before a person sends the form."""

    id: str
    text: str
    why: str = ""
    first: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a person looked for without a script, and what was found."""

    name: str = ""
    found: list[Unit] = field(default_factory=list)


def look_for(conn: Connection, sent: Mapping[str, str], below: str = "") -> Look:
    name = sent.get(LOOKING, "")
    typed = sent.get(f"{FIND}{name}", "")[:40]
    return Look(name, units.search_units(conn, typed, _FOUND_AT_MOST, below) if typed else [])


def proposals(duties: Iterable[Duty], *, without: Iterable[str] = ()) -> list[Offer]:
    out = set(without)
    kept = [duty for duty in duties if duty.unit.id not in out]
    return [Offer(one.unit.id, one.unit.short_name, one.basis) for one in kept[:_PROPOSED_AT_MOST]]


def offers_of(
    name: str, ready: list[Offer], known: Mapping[str, Unit], sent: Mapping[str, str], look: Look
) -> list[Offer]:
    """Return what a field offers: what is ready, what was chosen in it before, and what was found for it, each once."""
    chosen = [known[one] for one in sent.get(name, "").split() if one in known]
    found = look.found if look.name == name else []
    once: dict[str, Offer] = {}
    for offer in ready:
        once.setdefault(offer.id, offer)
    for unit in (*chosen, *found):
        once.setdefault(unit.id, Offer(unit.id, unit.short_name))
    return list(once.values())
