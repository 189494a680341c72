"""A confidential case 保密: nothing that a department can reach contains who asked, by force and not by style.

The test knows no page by name. It goes, as each kind of person who is not of the centre, through every link and every
route of the application, puts in the numbers of the case and of the call, searches for the caller, and reads all that
comes back, and every line that was logged meanwhile.
"""

import logging
import re
from collections import Counter, deque
from html import unescape
from urllib.parse import quote, urljoin, urlsplit

import pytest
from sqlalchemy import Connection

from cases.workflow import Role
from console.suggestions import SUGGESTIONS
from storage import cases, people
from storage.cases import ReplyForm
from storage.people import Account, Actor
from tests.console.making import a_case
from tests.console.world import HASH, Browser, World
from tests.makers import MORNING, later

NAME, NUMBER = "欧阳秘某", "13959087654"
GROUPED = {NUMBER, f"{NUMBER[:3]} {NUMBER[3:7]} {NUMBER[7:]}", f"{NUMBER[:3]}****{NUMBER[7:]}", NUMBER[-8:]}
OUTSIDE = (
    Role.LIAISON,
    Role.HANDLER,
    Role.UNIT_LEADER,
    Role.UPPER_REVIEWER,
    Role.STREET_COMMANDER,
    Role.FRONTLINE_RESPONDER,
    Role.GRID_WORKER,
)
MOST_PAGES = 1_000
OF_A_KIND = 6
LINK = re.compile(r'(?:href|src|action)="([^"#]*)"')
WORKS = "szgc"


@pytest.fixture(params=OUTSIDE, ids=[role.value for role in OUTSIDE])
async def outsider(world: World, request: pytest.FixtureRequest) -> Browser:
    """Somebody of the works centre, which has the case."""
    account = Account("outsider", "市政某人", request.param, WORKS, None)
    await world.store.write(
        lambda conn: people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
    )
    return await world.signed_in("outsider")


async def a_secret_case(world: World, *, level: str = "hide_contact", **more: str) -> str:
    """Take the case to where the most has been written about it."""
    filed = await a_case(world, contact_name=NAME, contact_number=NUMBER, confidential=level, **more)
    dispatcher = Actor("dispatcher", Role.DISPATCHER, "rxzx")
    handler = Actor("handler", Role.HANDLER, WORKS)
    done = ReplyForm(
        handled_text="已更换灯具。",
        public_text="路灯已修复。",
        factual="属实",
        resolution="full",
        contacted=False,
    )

    def walk(conn: Connection) -> None:
        no, rules = filed.no, world.rules
        cases.dispatch(conn, no, lead=WORKS, assist=["swjt"], by=dispatcher, at=later(minutes=5), rules=rules)
        cases.read(conn, no, by=handler, at=later(hours=1))
        cases.reply(conn, no, done, by=handler, at=later(hours=2), rules=rules)

    await world.store.write(walk)
    return filed.no


def routes_of(world: World, values: dict[str, str] | None) -> list[str]:
    """Every GET route of the application, with what we know put in for its variables, or as it is declared."""
    paths = []
    for route in world.app.router.routes():
        if route.method != "GET" or route.resource is None:
            continue
        if values is None:
            paths.append(route.resource.canonical)
        else:
            path = re.sub(
                r"{(\w+)[^}]*}", lambda name: values.get(name[1], values["id"]), route.resource.canonical
            )
            paths.append(path)
    return paths


async def crawl(world: World, browser: Browser, start: list[str]) -> dict[str, tuple[int, str]]:
    """Return all that can be read from there on, by address."""
    found: dict[str, tuple[int, str]] = {}
    met: Counter[str] = Counter()
    shapes = {re.compile(re.sub(r"{[^}]*}", "[^/]+", path)): path for path in routes_of(world, None)}
    waiting = deque(start)
    while waiting and len(found) < MOST_PAGES:
        path = waiting.popleft()
        if path in found or path.startswith(("/static/", "/sip", "/live")):
            continue
        # The same page with more subjects, dates and orders shows nothing of another kind; a search does.
        where = urlsplit(path).path
        shape = next((shape for form, shape in shapes.items() if form.fullmatch(where)), where)
        met[shape] += 1
        if met[shape] > OF_A_KIND and path not in start:
            continue
        seen = await browser.get(path)
        found[path] = seen.status, seen.text
        if (to := seen.headers.get("Location")) is not None:
            waiting.append(to)
        if seen.headers.get("Content-Type", "").startswith("text/html"):
            links = (urljoin(path, unescape(link)) for link in LINK.findall(seen.text))
            waiting.extend(link for link in links if not urlsplit(link).netloc and "lang=" not in link)
    return found


def names_in(text: str) -> list[str]:
    return [secret for secret in (NAME, *GROUPED) if secret in text]


async def test_no_page_export_search_or_log_line_tells_a_department_who_asked(
    world: World, outsider: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    no = await a_secret_case(world)
    values = {"no": no, "case": no, "id": no, "call": "hotline1-1.1", "login": "handler", "unit": WORKS}
    lists = ["/", "/work", "/cases", f"/cases/{no}", f"/api/cases/{no}"]
    searches = [
        f"/cases?{field}={quote(word)}" for field in ("q",) for word in (NAME, NUMBER, NUMBER[-8:], "路灯")
    ]
    found = await crawl(world, outsider, [*lists, *searches, *routes_of(world, values)])
    assert len(found) < MOST_PAGES, "the crawl did not come to its end"
    read = {path for path, (status, _) in found.items() if status == 200}
    assert len(read) > 5
    guilty = {
        path: names_in(text)
        for path, (_, text) in found.items()
        # What the person has typed is shown again in the field of the search.
        if names_in(text) and not path.startswith("/cases?q=")
    }
    assert guilty == {}
    assert [line for line in caplog.messages if names_in(line)] == []


async def test_a_department_does_not_learn_by_searching_whose_number_it_is(
    world: World, outsider: Browser
) -> None:
    no = await a_secret_case(world)
    for words in (NUMBER, NUMBER[-8:], NAME, f"0{NUMBER}"):
        page = await outsider.get(f"/cases?q={quote(words)}")
        assert page.status == 200
        assert f"/cases/{no}" not in page.text
    assert f"/cases/{no}" in (await outsider.get(f"/cases?q={quote('路灯')}")).text


async def test_a_case_that_is_not_confidential_does_show_who_asked(world: World) -> None:
    """Or the tests above would pass whatever was hidden."""
    no = await a_secret_case(world, level="none")
    assert NAME in (await (await world.signed_in("handler")).get(f"/cases/{no}")).text


async def test_what_is_secret_is_hidden_from_the_centre_too(world: World) -> None:
    no = await a_secret_case(world, level="secret")
    for login in ("dispatcher", "reviewer", "final", "supervisor", "1002"):
        text = (await (await world.signed_in(login)).get(f"/cases/{no}")).text
        assert names_in(text) == [], login
    assert NAME in (await (await world.signed_in("callback")).get(f"/cases/{no}")).text


TITLE, WORDS = "丁香弄夜间异响", "丁香弄深夜有人搬运不明桶装物"
UNNAMED = (Role.AGENT, Role.ANALYST, Role.PUBLICATION_OFFICER, Role.HANDLER)


def said_in(text: str) -> list[str]:
    return [words for words in (TITLE, WORDS) if words in text]


@pytest.fixture(params=UNNAMED, ids=[role.value for role in UNNAMED])
async def unnamed(world: World, request: pytest.FixtureRequest) -> Browser:
    """Somebody who decides nothing about the case: of the centre, or of a unit that has no part in it."""
    centre = request.param is not Role.HANDLER
    account = Account("unnamed", "某人", request.param, "rxzx" if centre else "cgj", None)
    await world.store.write(
        lambda conn: people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
    )
    return await world.signed_in("unnamed")


async def test_no_list_search_or_page_tells_the_title_of_a_secret_case_to_who_is_not_named(
    world: World, unnamed: Browser
) -> None:
    no = await a_secret_case(world, level="secret", title=TITLE, content=WORDS)
    values = {"no": no, "case": no, "id": no, "call": "hotline1-1.1", "login": "handler", "unit": WORKS}
    words = [no, NUMBER, "丁香弄", "桶装物"]
    searches = [f"{path}?q={quote(word)}" for path in ("/cases", "/api/find", "/knowledge") for word in words]
    found = await crawl(world, unnamed, ["/", "/cases", f"/cases/{no}", *searches, *routes_of(world, values)])
    assert len(found) < MOST_PAGES, "the crawl did not come to its end"
    assert {path: said_in(text) for path, (_, text) in found.items() if said_in(text)} == {}
    assert f"/cases/{no}" not in {path for path, (status, _) in found.items() if status == 200}


@pytest.mark.parametrize("level", ["hide_contact", "secret"])
async def test_nothing_that_is_proposed_while_typing_comes_from_a_confidential_case(
    world: World, level: str
) -> None:
    for _ in range(3):
        await a_secret_case(world, level=level, title=TITLE, content=WORDS)
    await world.app[SUGGESTIONS].look()
    agent = await world.signed_in("1002")
    told = (await agent.send_json("POST", "/api/suggest", {"title": TITLE, "text": WORDS})).json
    assert told["similar"] == []
    assert said_in(str(told)) == []
    read = await agent.send_json("POST", "/api/knowledge", {"text": WORDS})
    assert said_in(read.text) == []
    for path in ("/suggestions", "/knowledge/gaps", "/knowledge/figures"):
        page = await (await world.signed_in("supervisor")).get(path)
        assert said_in(page.text) == []


async def test_who_took_a_secret_case_in_and_who_decides_about_it_find_it(world: World) -> None:
    """Or the tests above would pass if nobody found it."""
    no = await a_secret_case(world, level="secret", title=TITLE, content=WORDS)
    assert WORDS in (await (await world.signed_in("1001")).get(f"/cases/{no}")).text
    for login in ("dispatcher", "supervisor", "final"):
        browser = await world.signed_in(login)
        assert TITLE in (await browser.get(f"/cases?q={quote('丁香弄')}")).text
        assert WORDS in (await browser.get(f"/cases/{no}")).text
