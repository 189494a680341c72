"""What tests ask of the sample server and of the page's telephone."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.sample_pages import SamplePages


def until(page: Page, true: Callable[[], Any], seconds: float = 10) -> Any:
    """Let the page go on until something holds on the server's side."""
    for _ in range(int(seconds * 50)):
        if found := true():
            return found
        page.wait_for_timeout(20)
    raise AssertionError("it did not come true")


def sent(server: SamplePages, method: str, path: str) -> list[Any]:
    return [body for verb, where, body in server.requests if verb == method and where == path]


def told(server: SamplePages, what: str) -> list[dict[str, Any]]:
    return [message for message in server.received if message["do"] == what]


def spy(page: Page, *names: str) -> None:
    """Note the calls of the phone's functions instead of carrying them out."""
    page.evaluate(
        """names => { window.calls = [];
          for (const name of names) __phone[name] = (...a) => { calls.push([name, ...a]); return true; }; }""",
        list(names),
    )


def calls(page: Page) -> list[Any]:
    return list(page.evaluate("calls"))
