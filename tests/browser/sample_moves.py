"""Scenes of a talk with somebody beside it: the panel in which he is chosen, and what both desks show."""

from typing import Any

from playwright.sync_api import Page

from tests.browser import sample_live
from tests.browser.sample_pages import SamplePages, ago

WHOM = {
    "seats": [
        {
            "to": "s1027",
            "name": "陈静",
            "state": "ready",
            "free": True,
            "skills": ["社保"],
            "expert": ["公积金"],
        },
        {"to": "s1014", "name": "潘洁", "state": "talking", "free": False, "skills": ["社保"], "expert": []},
    ],
    "units": [{"unit": "szgc", "name": "市政中心", "day": "059187551234", "night": "059183000332"}],
    "number": "13950123456",
}


def beside(step: str, *, third: bool) -> dict[str, Any]:
    return {"whom": "s1027", "name": "陈静", "third": third, "step": step, "since": ago(21)}


def _talking(server: SamplePages, page: Page, query: str, **call: Any) -> None:
    told = sample_live.desk("talking", call="talking")
    told["call"] |= {"aside": None, "guest": None, **call}
    sample_live.open_desk(server, page, query, told, sample_live.pop())
    sample_live.leg(page, "talking")


def transferring(server: SamplePages, page: Page, query: str = "") -> None:
    server.answers["/api/whom"] = (200, WHOM)
    _talking(server, page, query)
    page.keyboard.press("F8")
    page.locator("#whom-0").wait_for()


def inviting(server: SamplePages, page: Page, query: str = "") -> None:
    server.answers["/api/whom"] = (200, WHOM)
    _talking(server, page, query)
    page.keyboard.press("F9")
    page.locator("#whom-0").wait_for()


def asking(server: SamplePages, page: Page, query: str = "") -> None:
    _talking(server, page, query, aside=beside("talking", third=False))
    page.locator(".beside").wait_for()


def three(server: SamplePages, page: Page, query: str = "") -> None:
    _talking(server, page, query, aside=beside("ringing", third=True))
    page.locator(".beside").wait_for()


def guest(server: SamplePages, page: Page, query: str = "") -> None:
    _talking(server, page, query, guest={"by": "s1027", "name": "陈静", "third": False})
    page.locator(".note.brand").wait_for()
