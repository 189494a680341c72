"""The real switchboard and its people, borrowed from the scenarios."""

from tests.asterisk.conftest import one_switchboard, people, scripts, switchboard

__all__ = ["one_switchboard", "people", "scripts", "switchboard"]
