"""Search in what is public, and in nothing else: an index of its own, by the same rule as that of the cases.

The index of cases holds what citizens wrote, names and numbers too. A search in it would tell a stranger whose they are,
even if only public texts were shown.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, TextClause, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.frontline_models import PublicCopy
from storage.search import grams, line, phrase, plain, postgres_values, wanted_of
from storage.types import table_of

COPY = table_of(PublicCopy)

BATCH = 2_000
SHOWN = ("publish", "part")
_SQLITE_ADD = text("INSERT INTO case_search_public (rowid, grams) VALUES (:id, :grams)")
# Such an index keeps no text: what is taken out must be said again as it was put in. Copies are never edited.
_SQLITE_DROP = text(
    "INSERT INTO case_search_public (case_search_public, rowid, grams) VALUES ('delete', :id, :grams)"
)
_SQLITE_LAST = text("SELECT max(rowid) FROM case_search_public")
_SQLITE_FOUND = text(
    "public_copy.id IN (SELECT rowid FROM case_search_public WHERE case_search_public MATCH :match)"
)
_POSTGRES_ADD = text(
    "INSERT INTO case_search_public (copy, grams, body) VALUES (:id, :grams, :body) ON CONFLICT DO NOTHING"
).bindparams(bindparam("grams", type_=ARRAY(Text)))
_POSTGRES_DROP = text("DELETE FROM case_search_public WHERE copy = :id")
_POSTGRES_LAST = text("SELECT max(copy) FROM case_search_public")
_POSTGRES_FOUND = text(
    "public_copy.id IN (SELECT copy FROM case_search_public WHERE grams @> :grams AND body LIKE ALL (:likes))"
).bindparams(bindparam("grams", type_=ARRAY(Text)), bindparam("likes", type_=ARRAY(Text)))
_TEXTS = select(COPY.c.id, COPY.c.title, COPY.c.content, COPY.c.reply)


def add(conn: Connection, copy: int, *texts: str) -> None:
    """Make a copy findable, in the transaction in which it goes out."""
    letters = [plain(words) for words in texts]
    if conn.dialect.name == "postgresql":
        conn.execute(_POSTGRES_ADD, {"id": copy, "grams": grams(letters), "body": "\n".join(letters)})
        return
    conn.execute(_SQLITE_ADD, {"id": copy, "grams": line(letters)})


def drop(conn: Connection, copies: Iterable[int]) -> None:
    """Forget copies that are taken down or replaced: not even their words stay in the index."""
    for row in conn.execute(_TEXTS.where(COPY.c.id.in_(sorted(copies)))).all():
        if conn.dialect.name == "postgresql":
            conn.execute(_POSTGRES_DROP, {"id": row.id})
        else:
            conn.execute(_SQLITE_DROP, {"id": row.id, "grams": line(_letters(row))})


def catch_up(conn: Connection) -> int:
    """Make findable what was written past this module, by a migration or in bulk; return how many copies those are."""
    postgres = conn.dialect.name == "postgresql"
    last = conn.execute(_POSTGRES_LAST if postgres else _SQLITE_LAST).scalar() or 0
    added = 0
    while rows := conn.execute(_after(last)).all():
        for row in rows:
            add(conn, row.id, row.title, row.content, row.reply)
        last, added = rows[-1].id, added + len(rows)
    return added


def condition(conn: Connection, words: str) -> TextClause | None:
    """Return the condition on `public_copy.id` that holds where all the words occur; None for no words."""
    wanted = wanted_of(words)
    if not wanted:
        return None
    if conn.dialect.name == "postgresql":
        return _POSTGRES_FOUND.bindparams(**postgres_values(wanted))
    return _SQLITE_FOUND.bindparams(match=" AND ".join(phrase(letters) for letters in wanted))


def _after(last: int) -> Any:
    shown = (COPY.c.id > last, COPY.c.state == "in_force", COPY.c.decision.in_(SHOWN))
    return _TEXTS.where(*shown).order_by(COPY.c.id).limit(BATCH)


def _letters(row: Row[*tuple[Any, ...]]) -> list[str]:
    return [plain(row.title), plain(row.content), plain(row.reply)]
