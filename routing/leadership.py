"""Which of several engines decides: one holds the lease and leads, the others listen and stand by."""

from dataclasses import dataclass
from typing import Protocol


class NoWord(Exception):
    """Whoever keeps the lease did not answer, so nobody knows who has it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One leader's time. A higher number is a later leader; what a lower one still says is not obeyed."""

    number: int


class Leadership(Protocol):
    """Where the engines agree. Every call raises NoWord when nobody answers in time."""

    async def acquire(self, above: int = 0) -> Term | None:
        """Return our term, higher than `above`, or None if another leads."""

    async def renew(self) -> bool:
        """Keep the lease; tell whether it is still ours."""

    async def release(self) -> None:
        """Give the lease away at once, if it is ours, so that nobody has to wait until it expires."""


class AlwaysLeads:
    """The only engine there is: it always leads."""

    async def acquire(self, above: int = 0) -> Term | None:
        return Term(above + 1)

    async def renew(self) -> bool:
        return True

    async def release(self) -> None:
        return
