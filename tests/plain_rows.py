"""Questions in SQL about a town's database, whose sealed columns are asked for and come back in the clear."""

from sqlalchemy import TextualSelect, bindparam, text

from storage.types import NUMBER, Sealed


def clear(query: str) -> TextualSelect:
    """Return the question; `:n` in it is a number."""
    asked = text(query)
    if ":n" in query:
        asked = asked.bindparams(bindparam("n", type_=NUMBER))
    return asked.columns(number=NUMBER, dialled=NUMBER, dial=NUMBER, line=Sealed("line"))
