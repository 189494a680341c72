"""Invented calls that go through voice menus: what their callers do at each question, and how they then go on."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.storage.call_lines import Exchange

Says = dict[str, str | int]


@dataclass
class MenuExchange(Exchange):
    """Writes calls of callers at menus; `expected_left` counts where they went from each menu and version."""

    expected_left: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _plan: list[tuple[str, Says]] = field(default_factory=list)
    _then: str = ""

    def at_menus(self, *plan: tuple[str, Says], then: str, gap: float = 20.0) -> str:
        """Write a call whose lines are those of the plan, and which then ends as `then` says."""
        self._plan, self._then = list(plan), then
        return self.call("at_menu", gap=gap)

    def _at_menu(self, call: str) -> None:
        for kind, says in self._plan:
            self._event(call, f"HOTLINE_{kind}", after=2.0, says=says)
        getattr(self, f"_{self._then}")(call)

    def some_hundreds(self, calls: int = 300) -> None:
        """Write calls of every way through two versions of a file."""
        ways: list[tuple[str, Any, str, str]] = [
            ("person", heard("main", "0", mode="key"), "completed", "line"),
            ("status", heard("main", "status", mode="speech"), "self_service", "status"),
            ("unknown", lambda v: [*unknown("main", v), *unknown("main", v)], "completed", "line"),
            ("gave_up", lambda v: [asked("main", mode="none", outcome="hung_up")], "abandoned_in_menu", "hang_up"),
        ]  # fmt: skip
        for _ in range(calls):
            _, plan, then, left = self._random.choice(ways)
            version = self._random.choice(("v1", "v2"))
            steps = plan(version)
            if left != "hang_up":
                steps.append(went("main", version, left))
            self.at_menus(*steps, then=then, gap=self._random.uniform(1, 200))
            self.expected_left["menu:main", "" if left == "hang_up" else version, left] += 1


def asked(menu: str, *, mode: str, outcome: str, score: int = 0, ms: int = 1500) -> tuple[str, Says]:
    said: Says = {"said": "x", "grammar": f"menu:{menu}", "mode": mode, "outcome": outcome}
    return "MENU", said | {"score": score, "ms": ms}


def step(menu: str, version: str, choice: str, *, mode: str, outcome: str = "accepted") -> tuple[str, Says]:
    return "MENU_STEP", {
        "menu": menu,
        "version": version,
        "choice": choice,
        "mode": mode,
        "outcome": outcome,
        "ms": 9,
    }


def went(menu: str, version: str, to: str) -> tuple[str, Says]:
    return "MENU_LEFT", {"menu": menu, "version": version, "to": to, "why": "choice", "ms": 4000}


def heard(menu: str, choice: str, *, mode: str) -> Any:
    def plan(version: str) -> list[tuple[str, Says]]:
        return [asked(menu, mode=mode, outcome="heard", score=90), step(menu, version, choice, mode=mode)]

    return plan


def unknown(menu: str, version: str) -> list[tuple[str, Says]]:
    return [
        asked(menu, mode="speech", outcome="unknown"),
        step(menu, version, "", mode="speech", outcome="unknown"),
    ]
