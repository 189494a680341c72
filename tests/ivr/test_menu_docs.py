"""What the handbook of menus shows is a menu file that works, and names every setting there is."""

import re
from pathlib import Path
from typing import Final

from ivr import menu_text
from ivr.menu import Action
from ivr.menu_check import check

HANDBOOK: Final = Path(__file__).parents[2] / "docs" / "menus.md"
TEXT: Final = HANDBOOK.read_text("utf-8")


def test_the_menu_file_of_the_handbook_has_no_fault() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    book = menu_text.parse(example)
    assert [str(found) for found in check(book) if found.grave] == []
    assert "heating" in [choice.name for choice in book.menus["waiting"].choices]


def test_the_handbook_names_every_action_and_every_setting() -> None:
    settings = menu_text._BOOK | menu_text._MENU | menu_text._CHOICE | menu_text._TIMES
    named = set(re.findall(r"`([a-z]+)[`. =]", TEXT)) | set(re.findall(r"\[+([a-z]+)", TEXT))
    assert settings - {"menus", "times", "everywhere", "choices"} <= named
    assert {str(action) for action in Action} <= named
