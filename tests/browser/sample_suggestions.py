"""What the sample pages of suggestions show. All of it is invented."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from storage.suggestions import Kept, Taken

_DAY: Final = date(2026, 11, 22)
_DAYS: Final = [
    Taken(_DAY, 412, 371, 402, 366, 180, 151, 177, 96, 84),
    Taken(date(2026, 11, 21), 388, 340, 376, 338, 0, 0, 0, 0, 0),
]
_MODELS: Final = [
    Kept(n, datetime(2026, 11, n, 18, 10, tzinfo=UTC), 90_000, 5_000, 0.8721, 0.9613, 74.2) for n in (21, 20)
]
_PAGE: Final[dict[str, Any]] = {
    "days": _DAYS,
    "total": _DAYS[0] + _DAYS[1],
    "models": _MODELS,
    "known": 100_000,
    "version": 21,
    "since": date(2026, 10, 23),
}

PAGES: Final[Mapping[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/suggestions": ("suggestions.html", True, _PAGE),
    "/suggestions-none": (
        "suggestions.html",
        True,
        _PAGE | {"days": [], "models": [], "known": 0, "version": 0},
    ),
}
