"""The pages about the look itself, as the console fills them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from console.look_pages import parts_page, tokens_page

_AT: Final = datetime(2026, 11, 22, 6, 5, 41, tzinfo=UTC)
_PARTS: Final = parts_page("鳌峰新村12号楼前路灯连续多日不亮", _AT)
PAGES: Final[dict[str, tuple[str, bool, Mapping[str, Any]]]] = {
    "/look": ("look.html", True, tokens_page()),
    "/look/parts": ("look_parts.html", True, _PARTS),
    "/look/desk": ("look_desk.html", True, _PARTS),
}
