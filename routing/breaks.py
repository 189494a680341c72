"""How long a break may last. Pure. A quota never stops anybody from leaving the seat: it shows that it is used up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.shifts import Minutes

USUAL: Mapping[str, Minutes] = {
    "rest": Minutes(once=15, day=45),
    "meal": Minutes(once=45, day=90),
}
"""What holds until the city sets something else; training, meetings and the rest take the time they take."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a break: when the one that goes on is over its quota, and how much the day still allows."""

    over_at: datetime | None
    left_today: timedelta | None


def quotas(of_city: Mapping[str, Minutes]) -> dict[str, Minutes]:
    return {**USUAL, **of_city}


def allowance(
    quota: Minutes | None, taken: timedelta, *, since: datetime | None, at: datetime
) -> Allowance | None:
    """Judge one reason. `taken` are the breaks of the day that are over, `since` begins the one that goes on.

    None if this reason has no quota.
    """
    if quota is None or (quota.once is None and quota.day is None):
        return None
    ongoing = at - since if since is not None else timedelta(0)
    left = None if quota.day is None else timedelta(minutes=quota.day) - taken
    limits = [limit for limit in (_minutes(quota.once), left) if limit is not None]
    over_at = since + max(min(limits), timedelta(0)) if since is not None else None
    return Allowance(over_at, None if left is None else left - ongoing)


def _minutes(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(minutes=value)
