"""What the store says when it cannot do what was asked."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection


class StoreDown(Exception):
    """The database does not answer, is full, or is held too long; whether this unit was kept is not known."""


class Unsealed(Exception):
    """A sealed value cannot be opened: there is no key, it is another one, or the value was changed."""


class Conflict(Exception):
    """Someone else was first; look again before deciding."""


class Invalid(Exception):
    """What was filled in cannot be kept; one sentence for each field, for the person who filled it in."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.fields.items()))


class Missing(LookupError):
    """There is no such case, unit or person."""


class Declined(Exception):
    """Leaves a unit of work that was refused. The store undoes it, keeps the note, and raises the error."""

    def __init__(self, error: Exception, note: Callable[[Connection], object]) -> None:
        self.error = error
        self.note = note
        super().__init__(str(error))
