"""What the sample page of shifts shows: one who came late and rests, one who is not here yet, one who comes later."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from console.shift_pages import REASONS
from routing.breaks import USUAL
from storage.shifts import Planned

DAY: Final = date(2026, 11, 22)
EIGHT: Final = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)


def _row(number: int, login: str, name: str, begins: float, **seen: Any) -> dict[str, Any]:
    begin = EIGHT + timedelta(hours=begins)
    shift = Planned(number, login, name, f"s{login}", begin, begin + timedelta(hours=9))
    nothing = {"came_at": None, "left_at": None, "begun": True, "late": 0, "left_early": 0, "overrun": 0}
    return {"shift": shift, "adherence": None, "breaks": {}} | nothing | seen


_ROWS: Final = [
    _row(
        1,
        "1001",
        "李燕",
        0,
        came_at=EIGHT + timedelta(minutes=12),
        late=12,
        adherence="96.7%",
        breaks={"rest": 14, "meal": 41},
    ),
    _row(2, "1002", "陈静", 0, late=365, adherence="0.0%"),
    _row(3, "1003", "林晓", 12, begun=False),
]
_CONTEXT: Final[Mapping[str, Any]] = {
    "day": DAY,
    "before": DAY - timedelta(days=1),
    "after": DAY + timedelta(days=1),
    "rows": _ROWS,
    "agents": [("1001", "李燕"), ("1002", "陈静"), ("1003", "林晓")],
    "reasons": REASONS,
    "quotas": dict(USUAL),
    "entered": {},
    "errors": {},
}
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/shifts": ("shifts.html", True, _CONTEXT),
    "/shifts-none": (
        "shifts.html",
        True,
        {**_CONTEXT, "rows": [], "errors": {"begins": "时间格式应为 08:30"}, "entered": {"begins": "soon"}},
    ),
}
