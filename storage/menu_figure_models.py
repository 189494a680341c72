"""Tables of the turns of callers at the voice menus, and of their figures by day, menu and version of the menu file."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class MenuTurn(Base):
    """One listening: what came of it, never what was said. Fields as in `cases.menu_turns.Turn`."""

    __tablename__ = "menu_turn"
    __table_args__ = (Index("ix_menu_turn_by_slot", "slot", "grammar", "version"),)

    call: Mapped[str] = mapped_column(SHORT, primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slot: Mapped[int] = mapped_column(comment="quarter of an hour since 1970 in which the call was offered")
    at: Mapped[datetime]
    grammar: Mapped[str] = mapped_column(SHORT, comment="menu:<id>, or the name of a fixed one")
    version: Mapped[str] = mapped_column(SHORT, comment="of the menu file; '' for a fixed grammar")
    mode: Mapped[str] = mapped_column(SHORT, comment="key, speech, none")
    outcome: Mapped[str] = mapped_column(
        SHORT, comment="heard, confirmed, denied, unknown, silence, no_engine, hung_up"
    )
    choice: Mapped[str] = mapped_column(SHORT, comment="what it was taken for")
    score: Mapped[int]
    seconds: Mapped[float]
    left: Mapped[str] = mapped_column(
        SHORT, comment="where the caller went from the menu; '' while he stayed"
    )


class MenuFigure(Base):
    """One day of one menu, or of one fixed grammar. Fields as in `cases.menu_figures.TurnCounts`."""

    __tablename__ = "menu_figure"

    first_slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="of the day")
    grammar: Mapped[str] = mapped_column(SHORT, primary_key=True)
    version: Mapped[str] = mapped_column(SHORT, primary_key=True)
    turns: Mapped[int]
    seconds: Mapped[float]
    by_key: Mapped[int]
    heard: Mapped[int]
    confirmed: Mapped[int]
    denied: Mapped[int]
    unknown: Mapped[int]
    silence: Mapped[int]
    no_engine: Mapped[int]
    gave_up: Mapped[int]
    visits: Mapped[int]
    to_person: Mapped[int]
    to_service: Mapped[int]
    to_menu: Mapped[int]
    to_hang_up: Mapped[int]


class WayFigure(Base):
    """One day of callers on their way to a person, by version of the menu file. As in `cases.menu_figures.WayCounts`."""

    __tablename__ = "menu_way_figure"

    first_slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="of the day")
    version: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="'' met no menu")
    calls: Mapped[int]
    asked: Mapped[int]
    line_seconds: Mapped[float]
    answered: Mapped[int]
    voice_seconds: Mapped[float]
    within_15: Mapped[int]
    within_30: Mapped[int]
    within_60: Mapped[int]
    served: Mapped[int]
    hung_up: Mapped[int]
