"""What a person has set for themselves. Only what differs is kept: what the city changes later reaches everybody else."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.keeping import keep
from storage.preference_models import Preference
from storage.types import table_of

PREFERENCE = table_of(Preference)


def preferences(conn: Connection, login: str) -> dict[str, str]:
    rows = conn.execute(select(PREFERENCE.c.name, PREFERENCE.c.value).where(PREFERENCE.c.login == login))
    return {row.name: row.value for row in rows}


def set_some(conn: Connection, login: str, values: Mapping[str, str], *, at: datetime) -> None:
    """Keep these; an empty value means: as the city has it."""
    empty = [name for name, value in values.items() if not value]
    conn.execute(delete(PREFERENCE).where(PREFERENCE.c.login == login, PREFERENCE.c.name.in_(empty)))
    for name, value in values.items():
        if value:
            keep(conn, PREFERENCE, {"login": login, "name": name}, {"value": value, "at": at})


def reset(conn: Connection, login: str, begin: str) -> None:
    """Forget everything whose name begins so."""
    mine = (PREFERENCE.c.login == login, PREFERENCE.c.name.startswith(begin, autoescape=True))
    conn.execute(delete(PREFERENCE).where(*mine))
