"""The moves a case page offers, in the order in which it offers them."""

from collections.abc import Mapping
from typing import Final

from cases.workflow import Action
from console.move_fields import NO, YES, Circumstances, Field, MoveForm
from console.moves_of_centre import CENTRE_MOVES
from console.moves_of_units import UNIT_MOVES

__all__ = ["MOVE_FORMS", "NO", "YES", "Circumstances", "Field", "MoveForm"]

MOVE_FORMS: Final[Mapping[Action, MoveForm]] = {**UNIT_MOVES, **CENTRE_MOVES}
