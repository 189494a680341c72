"""Search in the texts of cases by pairs of characters, because most Chinese words have two.

One rule on both databases: lower-case, drop all that is neither letter nor digit, take overlapping pairs and the last
single character. A phrase of pairs is then exactly a substring: nothing is found wrongly, and nothing is missed.
"""

from sqlalchemy import Connection, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from storage.hot import Hot

LONGEST_QUERY = 64

_SQLITE_ADD = Hot(lambda _: text("INSERT INTO case_search (rowid, grams) VALUES (:id, :grams)"))
_POSTGRES_ADD = Hot(
    lambda _: text('INSERT INTO case_search ("case", grams, body) VALUES (:id, :grams, :body)').bindparams(
        bindparam("grams", type_=ARRAY(Text))
    )
)
_POSTGRES_AGAIN = Hot(
    lambda _: text('UPDATE case_search SET grams = :grams, body = :body WHERE "case" = :id').bindparams(
        bindparam("grams", type_=ARRAY(Text))
    )
)
# What came later has rows of its own below zero, by the number of the supplement: each holds all texts up to then,
# because words that are looked for together may stand in different ones.
_SQLITE_FOUND = text(
    "case_file.id IN (SELECT rowid FROM case_search WHERE case_search MATCH :match"
    ' UNION ALL SELECT "case" FROM supplement WHERE id IN'
    " (SELECT -rowid FROM case_search WHERE case_search MATCH :match AND rowid < 0))"
)
# The array finds the candidates by its index; LIKE keeps those in which the pairs follow each other.
_POSTGRES_FOUND = text(
    'case_file.id IN (SELECT "case" FROM case_search WHERE grams @> :grams AND body LIKE ALL (:likes))'
).bindparams(bindparam("grams", type_=ARRAY(Text)), bindparam("likes", type_=ARRAY(Text)))


def plain(words: str) -> str:
    """Return the letters and digits only, in lower case."""
    return "".join(sign for sign in words.lower() if sign.isalnum())


def pairs(letters: str) -> list[str]:
    """Return the overlapping pairs, and the last character alone, so that every character begins a token."""
    return [letters[n : n + 2] for n in range(len(letters))]


def add(conn: Connection, case: int, *texts: str) -> None:
    """Make a case findable, in the transaction in which it is registered."""
    letters = [plain(words) for words in texts]
    if conn.dialect.name == "postgresql":
        _POSTGRES_ADD(conn, id=case, grams=grams(letters), body="\n".join(letters))
        return
    _SQLITE_ADD(conn, id=case, grams=line(letters))


def add_again(conn: Connection, case: int, supplement: int, *texts: str) -> None:
    """Make a case findable by what was added to it, too; `texts` are all that it has now."""
    letters = [plain(words) for words in texts]
    if conn.dialect.name == "postgresql":
        _POSTGRES_AGAIN(conn, id=case, grams=grams(letters), body="\n".join(letters))
        return
    _SQLITE_ADD(conn, id=-supplement, grams=line(letters))


def grams(letters: list[str]) -> list[str]:
    """Return the pairs and single characters of texts as PostgreSQL's index takes them."""
    signs = {sign for words in letters for sign in words}
    return sorted({pair for words in letters for pair in pairs(words)} | signs)


def line(letters: list[str]) -> str:
    """The texts are cut apart, and each ends with a single character: no phrase reaches from one to the next."""
    return " ".join(pair for words in letters for pair in pairs(words))


def wanted_of(words: str) -> list[str]:
    """Return the letters of each word that is looked for."""
    return [letters for word in words[:LONGEST_QUERY].split() if (letters := plain(word))]


def condition(conn: Connection, words: str, *, common: bool = False) -> TextClause | None:
    """Return the condition on `case_file.id` that holds where all the given words occur; None for no words.

    Say so when the words are known to be common: the newest matches are then found by walking back from today.
    """
    wanted = wanted_of(words)
    if not wanted:
        return None
    if conn.dialect.name == "postgresql":
        return _postgres_common(wanted) if common else _POSTGRES_FOUND.bindparams(**postgres_values(wanted))
    match = " AND ".join(phrase(letters) for letters in wanted)
    return _SQLITE_FOUND.bindparams(match=match)


def phrase(letters: str) -> str:
    """Return what SQLite's index is asked for a word: its pairs, one after the other."""
    if len(letters) == 1:
        return f'"{letters}" *'
    return f'"{" ".join(pairs(letters)[:-1])}"'


def _postgres_common(wanted: list[str]) -> TextClause:
    """Say the same so that PostgreSQL guesses more than one row: it would sort ten thousand for the newest twenty.

    One pair only, because it takes the pairs of a word for independent of each other.
    """
    there = " AND ".join(f"strpos(body, :word{n}) > 0" for n in range(len(wanted)))
    # Only numbers of our own are put into the text.
    found = text(f'case_file.id IN (SELECT "case" FROM case_search WHERE grams @> :grams AND {there})')  # noqa: S608
    values = {f"word{n}": letters for n, letters in enumerate(wanted)}
    typed = found.bindparams(bindparam("grams", type_=ARRAY(Text)))
    return typed.bindparams(grams=[pairs(wanted[0])[0]], **values)


def postgres_values(wanted: list[str]) -> dict[str, object]:
    """Return what PostgreSQL's index is asked for these words."""
    asked = {pair for letters in wanted for pair in (pairs(letters)[:-1] or [letters])}
    # Letters and digits only: there is nothing in a word that LIKE would take for a sign of its own.
    return {"grams": sorted(asked), "likes": [f"%{letters}%" for letters in wanted]}
