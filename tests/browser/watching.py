"""What tests ask of the sample server and of the page's telephone."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page

from tests.browser.sample_pages import SamplePages

FOCUSABLE: Final = ':is(a[href], button, input, select, textarea, summary, [tabindex="0"]):not(.focussed)'
HIDDEN_FOCUS: Final = """all => [...document.querySelectorAll(all)].filter((one) => {
  if (!one.checkVisibility() || one.disabled || one.type === 'hidden') return false;
  document.activeElement?.blur();
  const before = getComputedStyle(one).boxShadow;
  one.focus();
  const s = getComputedStyle(one);
  // An outline that can be seen through is there for forced colours only.
  const outlined = s.outlineStyle !== 'none' && s.outlineColor !== 'rgba(0, 0, 0, 0)';
  return document.activeElement === one && s.boxShadow === before && !outlined;
}).map((one) => 'no focus is seen: ' + one.outerHTML.slice(0, 100))"""


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


def hidden_focus(page: Page) -> list[str]:
    """What takes the focus by the keyboard and looks the same with it as without."""
    page.keyboard.press("Tab")
    return list(page.evaluate(HIDDEN_FOCUS, FOCUSABLE))
