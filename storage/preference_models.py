"""What people set for themselves: keys and looks."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class Preference(Base):
    """One thing a person has set for themselves; what is not here is as the city has it."""

    __tablename__ = "preference"

    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"), primary_key=True)
    name: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="key.<action>, theme, size, contrast")
    value: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
