"""What the scripts of a call need of the rest of the hotline."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agi_scripts.arrivals import Arrivals
from cases.call_record import RING_BACK_WITHIN
from cases.rules import Rules, rules_for
from ivr.admission import Limits, Load
from ivr.call import Voice
from ivr.menu import Book
from ivr.menu_file import shipped
from routing.estimate import Wait
from routing.live import Wish
from routing.rules import LineRules
from storage.engine import Store

# A caller who hears nothing for longer believes the line is dead. Then a person answers the question.
LOOK_UP_SECONDS = 3.0

# A caller and what he needs, as far as his channel says it; answered from memory, None if nobody can say.
Estimate = Callable[[str, Wish | None], Wait | None]


def nobody_can_say(_call: str, _wish: Wish | None) -> Wait | None:
    return None


@dataclass(frozen=True, slots=True)
class Parts:
    """Given to each script when the server starts."""

    store: Store
    voice: Voice
    zone: ZoneInfo
    now: Callable[[], datetime]
    load: Callable[[], Load] = Load
    """How many calls there are now, and how many of them wait."""
    limits: Limits = field(default_factory=Limits)
    closed: Callable[[], bool] = lambda: False
    """Whether the whole line is closed now; answered from memory."""
    rules: Callable[[], LineRules] = LineRules
    """The rules of the line in force; answered from memory."""
    arrivals: Arrivals = field(default_factory=Arrivals)
    ring_back_within: timedelta = RING_BACK_WITHIN
    estimate: Estimate = nobody_can_say
    """How long a caller will wait."""
    menus: Callable[[], Book] = shipped
    """The voice menus in force; answered from memory."""
    speech: Callable[[], bool] = lambda: False
    """Whether callers can be listened to now; answered from memory."""
    case_rules: Callable[[], Rules] = lambda: rules_for("RH")
    """The rules of cases in force; answered from memory."""
    spool: Path | None = None
    """Folder of the messages that a person hears."""
    recordings: Path | None = None
    free: Callable[[], bool] = lambda: False
    """Whether a seat would take a caller at once; answered from memory."""
