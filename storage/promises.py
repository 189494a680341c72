"""What the city has promised for this very case: its policy, asked with all that it wants to know of the case."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, bindparam, select

from cases.limits import Limit
from cases.policies import ClockKind, Intent, Policy, Urgency
from storage.models import CaseFile, Category
from storage.types import table_of

CASE = table_of(CaseFile)
CATEGORY = table_of(Category)

COLUMNS = (CASE.c.intent, CASE.c.urgency, CASE.c.hard, CATEGORY.c.list_item)
"""What a promise depends on; select them from `WITH_CATEGORY`."""

WITH_CATEGORY = CASE.outerjoin(CATEGORY, CATEGORY.c.code == CASE.c.category)
_LISTED = select(CATEGORY.c.list_item).where(CATEGORY.c.code == bindparam("wanted"))
_OF = select(*COLUMNS).select_from(WITH_CATEGORY).where(CASE.c.id == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Traits:
    """What a policy asks of a case.

    A matter is on the list of convenience services 便民服务清单 if its category is, and 疑难 if it was declared so.
    """

    intent: Intent
    urgency: Urgency
    listed: bool
    hard: bool

    def limit(self, policy: Policy, kind: ClockKind) -> Limit | None:
        return policy.limit(kind, self.intent, self.urgency, listed=self.listed, hard=self.hard)


def traits(row: Row[*tuple[object, ...]]) -> Traits:
    """Read the traits from a row with `COLUMNS`."""
    return Traits(Intent(row.intent), Urgency(row.urgency), bool(row.list_item), bool(row.hard))


def traits_of(conn: Connection, case: int) -> Traits:
    return traits(conn.execute(_OF, {"of": case}).one())


def limit_for_new(
    conn: Connection,
    policy: Policy,
    kind: ClockKind,
    *,
    category: str,
    intent: str,
    urgency: str = Urgency.NORMAL,
) -> Limit | None:
    """Return the limit of a clock for a case that is not there yet: nobody has declared it hard."""
    listed = False
    if policy.asks_more(kind):
        listed = bool(conn.execute(_LISTED, {"wanted": category}).scalar_one_or_none())
    return policy.limit(kind, Intent(intent), Urgency(urgency), listed=listed)


def limit_of(
    conn: Connection, policy: Policy, kind: ClockKind, case: int, intent: str, urgency: str
) -> Limit | None:
    """Return the limit of a clock, None where nothing was promised; the case is read only if the policy asks for it."""
    if policy.asks_more(kind):
        return traits_of(conn, case).limit(policy, kind)
    return policy.limit(kind, Intent(intent), Urgency(urgency))
