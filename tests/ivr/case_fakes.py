"""One case and what its citizen may do about it, by hand; remembers what was asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cases.workflow import State
from ivr.status import Answer
from storage.phone_service import Judged, OpenCase, Urged
from storage.status import Locked, Status, WrongCode
from storage.voice_notes import Said

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
NO, DIGITS, CODE = "RH261122-00178-1", "261122001781", "483920"
OTHER_DIGITS = "261122001790"  # a number like any other; whose it is nobody here knows
HANDLED = Status(
    filed_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
    title="夜间施工噪声",
    category="噪声",
    unit_name="市城管局",
    reply_by=datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC),
    state=State.HANDLING,
    public_reply=None,
    digits=DIGITS,
    no=NO,
    may_urge=True,
    may_add=True,
)
REPLIED = replace(
    HANDLED,
    state=State.CALLBACK,
    public_reply="您反映的噪声已核实。施工方已停工整改。感谢监督。",
    may_judge=True,
)
OPEN = OpenCase(NO, HANDLED.filed_at, State.HANDLING)
SAID = Said(path="notes/20261125/hotline1-1795308607.0-1.wav", sha256="ab" * 32, seconds=12.4, size=198_444)


class FakeDesk:
    """An `ivr.status.Tools`, with all that a caller may do; a broken one keeps nothing."""

    def __init__(
        self,
        found: Status = HANDLED,
        *,
        locked: bool = False,
        said: Said | None = SAID,
        urged: Urged = Urged.NOW,
        broken: bool = False,
    ) -> None:
        self.asked: list[tuple[str, str]] = []
        self.done: list[tuple[str, ...]] = []
        self._found = found
        self._locked = locked
        self._said = said
        self._urged = urged
        self._broken = broken

    async def find(self, digits: str, code: str) -> Answer:
        self.asked.append((digits, code))
        if self._locked:
            return Locked(until=datetime(2026, 11, 25, 2, 30, 20, tzinfo=UTC))
        return self._found if (digits, code) == (DIGITS, CODE) else WrongCode()

    async def urge(self, no: str) -> Urged | None:
        self.done.append(("urge", no))
        return None if self._broken else self._urged

    async def record(self) -> Said | None:
        return self._said

    async def add(self, no: str, said: Said) -> bool:
        self.done.append(("add", no, said.path))
        return not self._broken

    async def judge(self, no: str, *, solved: str, satisfied: str, spoken: Sequence[Said]) -> Judged | None:
        self.done.append(("judge", no, solved, satisfied, *(said.path for said in spoken)))
        return None if self._broken else Judged.CLOSED
